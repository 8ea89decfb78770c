// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mock/business_clock.hpp"
#include "mock/call.hpp"
#include "mock/call_facts.hpp"
#include "mock/fault_plan.hpp"
#include "mock/http.hpp"
#include "mock/journal.hpp"
#include "mock/live_bank.hpp"
#include "mock/live_faults.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// Stands before WeChat's endpoints: draws what befalls a call, lets it be executed or not, and changes its
/// answer accordingly. Thread-safe.
class FaultFront {
 public:
    struct Ports {
        std::function<Answer(const Request&, const Passage&)> execute;
        /// With Request-ID, always first, and signed at that time.
        std::function<Answer(Answer, const Request&, Timestamp signed_at)> seal;
        /// This merchant's next key.
        std::function<void(const std::string& mchid)> rotate_key;
        /// As long as the settings hold answers back. False: nobody is there any more.
        std::function<bool(const std::function<bool()>& is_connected)> wait_to_answer;
    };

    FaultFront(LiveFaults& faults, LiveBank& bank, Journal& journal, const BusinessClock& business,
               const Clock& real, Ports ports)
        : faults_(faults),
          bank_(bank),
          journal_(journal),
          business_(business),
          real_(real),
          ports_(std::move(ports)) {}

    /// No answer: the connection is to end without one.
    [[nodiscard]] std::optional<Answer> respond(Request request, const std::function<bool()>& is_connected);

 private:
    [[nodiscard]] std::vector<faults::Drawn> draw(const CallFacts& facts, std::optional<Timestamp>& made_at);
    [[nodiscard]] Answer make_answer(const CallPlan& plan, const Request& request,
                                     std::optional<Timestamp> made_at);
    /// Draws what befalls the bills of a command, before they are made.
    void foresee(const bank::Command& command);
    void foresee_bill(const bank::Order& order);
    void foresee_details(const bank::BatchOrder& order);
    [[nodiscard]] std::vector<faults::Drawn> draw_bill(const std::string& mchid, std::string number,
                                                       const std::string& openid, Money amount);
    void write_down(JournalEntry& entry, Request request, const CallPlan& plan, const Answer& answer) const;
    /// The merchant's number of what the path names by WeChat's; else empty.
    [[nodiscard]] std::string number_behind(const Request& request, const std::string& mchid);
    [[nodiscard]] std::optional<Answer> deliver(std::uint64_t id, const CallPlan& plan, Answer answer,
                                                const std::function<bool()>& is_connected);

    LiveFaults& faults_;
    LiveBank& bank_;
    Journal& journal_;
    const BusinessClock& business_;
    const Clock& real_;
    Ports ports_;
};

}  // namespace tixian::mock
