// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "mock/business_clock.hpp"
#include "mock/call_facts.hpp"
#include "mock/fault_plan.hpp"
#include "mock/http.hpp"
#include "mock/journal.hpp"
#include "mock/live_bank.hpp"
#include "mock/live_faults.hpp"
#include "mock/timetable.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// Stands before WeChat's endpoints: draws what befalls a call, lets it be executed or not, and changes its
/// answer accordingly. Thread-safe.
class FaultFront {
 public:
    struct Ports {
        std::function<Answer(const Request&)> execute;
        /// With Request-ID, always first, and signed at that time.
        std::function<Answer(Answer, const Request&, Timestamp signed_at)> seal;
        /// This merchant's next key.
        std::function<void(const std::string& mchid)> rotate_key;
    };

    FaultFront(LiveFaults& faults, LiveBank& bank, Journal& journal, Timetable& timetable,
               const BusinessClock& business, const Clock& real, Ports ports)
        : faults_(faults),
          bank_(bank),
          journal_(journal),
          timetable_(timetable),
          business_(business),
          real_(real),
          ports_(std::move(ports)) {}

    /// No answer: the connection is to end without one.
    [[nodiscard]] std::optional<Answer> respond(Request request, const std::function<bool()>& is_connected);

 private:
    [[nodiscard]] std::vector<faults::Drawn> draw(const CallFacts& facts, std::optional<bank::Bill>& bill);
    [[nodiscard]] Answer make_answer(const CallPlan& plan, const Request& request, const CallFacts& facts,
                                     const std::optional<bank::Bill>& bill);
    [[nodiscard]] Answer execute(const Request& request, const CallFacts& facts);
    void begin_life(const CallFacts& facts);
    void doom_details(const Request& request, const CallFacts& facts);
    void arrange(const faults::Drawn& drawn, const bank::Bill& bill);
    void note(const Request& request, const CallPlan& plan, const Answer& answer,
              std::vector<std::string> faults, Timestamp arrived_at);

    LiveFaults& faults_;
    LiveBank& bank_;
    Journal& journal_;
    Timetable& timetable_;
    const BusinessClock& business_;
    const Clock& real_;
    Ports ports_;
};

}  // namespace tixian::mock
