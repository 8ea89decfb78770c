// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auditor/auditor.hpp"
#include "simulator/scenario_faults.hpp"
#include "simulator/stage.hpp"
#include "tixian/call.hpp"
#include "wechat_bank/bank.hpp"

namespace tixian::sim {

/// A request as it reaches WeChat, read.
struct Asking {
    CallKind kind{};
    std::uint32_t withdrawal = 0;
    std::uint32_t turn = 0;  ///< of the withdrawal's calls; copies have numbers of their own
    bool is_copy = false;    ///< the network made it
    std::string number;
    Timestamp signed_at{};
    bank::Order order{};  ///< of a submit
    std::uint32_t flight = 0;
};

/// What WeChat answers, before it is written down.
struct Said {
    int status = 200;
    std::string code;  ///< of a refusal
    Timestamp at{};
    bool is_signed = true;
    bool has_false_signature = false;
    bool is_silent = false;  ///< no answer at all
    std::optional<bank::Bill> bill;
    std::string unknown_state{};  ///< shown instead of the bill's
    Duration delay{0};
    bool rotates_key = false;  ///< the next answer is signed with another one
};

/// One notification on its way to us.
struct Notice {
    std::string id;  ///< empty: WeChat does not wait for its answer
    std::uint32_t withdrawal = 0;
    bank::Bill bill;
    bool is_contradicting = false;
    bool is_forged = false;
};

/// WeChat with all its ways, around the bank that knows none of them: it refuses, errs, executes later, does
/// not see what it has, and loses or repeats its notifications. It keeps what docs/money-safety.md assumes of
/// it.
class WeChat {
 public:
    /// What of a withdrawal WeChat's ways depend on; kept by the world.
    struct Knowledge {
        bool has_bad_content = false;
        bool has_bill = false;               ///< in the bank's books
        bool is_reported = false;            ///< we have stored that the bill exists
        Timestamp visible_by{};              ///< queries ought to find the bill from then on
        std::optional<Timestamp> missed_at;  ///< when one first missed it all the same
        BillState end = BillState::none;
    };

    WeChat(Stage& stage, audit::Auditor& auditor, std::vector<Knowledge>& known);

    [[nodiscard]] Said take(const Asking& asking);
    /// WeChat's inner queue comes to a submit that it took in.
    void execute_queued(std::uint32_t queued);

    [[nodiscard]] bool confirm(const std::string& package_info);
    void fail(std::uint32_t withdrawal, const std::string& number, const std::string& reason);
    void set_funded(bool is_funded);

    /// Lets happen what is due by itself; what is to be told is in `outbox` then.
    void advance();
    std::vector<Notice> take_outbox() { return std::exchange(outbox_, {}); }
    void acknowledge(const std::string& notice, bool is_ok) {
        bank_.notification_answered(notice, is_ok, stage_.now);
        arm();
    }

    [[nodiscard]] std::optional<bank::Bill> find(const std::string& number) const {
        return bank_.find(mchid, number);
    }
    [[nodiscard]] std::int64_t paid_fen() const { return paid_fen_; }

    static constexpr const char* mchid = "1900000001";
    static constexpr const char* appid = "wx8888888888888888";
    static constexpr Duration signature_age_max = std::chrono::minutes(5);  // wechat_spec 4.1
    /// How long queries may go on missing a bill that they ought to find, as docs/money-safety.md assumes.
    static constexpr Duration missed_for_max = std::chrono::minutes(10);

 private:
    [[nodiscard]] Said refusal(int status, std::string code) const;
    [[nodiscard]] Said execute(const Asking& asking);
    [[nodiscard]] Said submit(const Asking& asking);
    [[nodiscard]] Said query(const Asking& asking);
    [[nodiscard]] std::optional<Said> refuse_submit(const Asking& asking);
    /// What WeChat makes of it by its own ways, and with the scenario's rules on top.
    [[nodiscard]] Said take_by_drawn_ways(const Asking& asking);
    [[nodiscard]] Said take_by_scenario(const Asking& asking);
    [[nodiscard]] ScenarioFaults::Asked seen_by_rules(const Asking& asking) const;
    [[nodiscard]] bool may_miss(const Knowledge& known) const;
    void note_miss(Knowledge& known) const;
    void queue(const Asking& asking, Duration after);
    void arm();
    void note_ends();

    Stage& stage_;
    audit::Auditor& auditor_;
    std::vector<Knowledge>& known_;
    bank::Bank bank_;
    std::optional<ScenarioFaults> scenario_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<Asking> queued_;
    std::vector<Notice> outbox_;
    Timestamp armed_for_ = Timestamp::max();
    std::int64_t paid_fen_ = 0;
};

}  // namespace tixian::sim
