// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <functional>
#include <iostream>
#include <memory>

#include <gtest/gtest.h>

#include "plain_channel.hpp"
#include "tixian/memory/memory_ledger.hpp"
#include "tixian/testing/faulty_ledger.hpp"
#include "tixian/testing/manual_clock.hpp"
#include "tixian/testing/scripted_gateway.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/tixian.hpp"
#include "tixian/totals.hpp"

// Each scenario is run once without a fault, which counts its steps, and then once per step and per error
// that fits the step. Whatever the error: the withdrawal ends, WeChat pays at most once, and the books say
// what WeChat did.
namespace tixian {
namespace {

using namespace std::chrono_literals;
using testing::CallFault;
using testing::Crash;
using testing::FaultyLedger;
using testing::LedgerFault;
using testing::NotificationFault;

enum class Act { request, cancel, approve, top_up };

/// What somebody does, and when. What was not stored is done again; the next act waits for it.
struct Scripted {
    Duration at;
    Act act;
};

struct Scenario {
    std::string name;
    std::vector<Scripted> acts;
    testing::GatewayScript wechat;
    State ends;
    Duration worker_from{0};
    bool is_funded = true;
    bool is_reviewed = false;
    CallFault first_answer = CallFault::none;
};

// A fault of the process: the worker stands still with a call, or with an answer, in its hand.
struct Stall {
    std::size_t call = 0;
    Duration before_sending{0};
    Duration before_recording{0};
};

struct FaultyCall {
    std::size_t call = 0;
    CallFault fault{};
    bool crashes = false;
};

struct Fault {
    std::string name;
    std::size_t ledger_step = 0;
    LedgerFault ledger{};
    std::size_t ledger_times = 1;
    std::vector<FaultyCall> calls{};
    std::size_t notification = 0;
    NotificationFault told{};
    Stall stall{};
};

/// How many days may pass until the end: a day of doubt, then a day in which a bill that surfaced late waits
/// for its user, and a little for back-off.
constexpr Duration ends_within = std::chrono::days(2) + 1h;

/// One scenario with one fault, from the request until nothing happens any more.
class Playthrough {
 public:
    Playthrough(const Scenario& scenario, const Fault& fault)
        : scenario_(scenario), fault_(fault), gateway_(clock_, scenario.wechat) {
        Change deposit{ChangeId::parse("deposit").value(), clock_.now(),
                       Deposit{user_, Reference::parse("d").value(), 10000_fen}};
        static_cast<void>(memory_.commit(std::span(&deposit, 1)));
        terms_.fee.flat = 10_fen;
        terms_.fee.free_per_month = 1000_fen;
        terms_.day_amount_max = 5000_fen;
        if (scenario.is_reviewed) terms_.review_from = 1000_fen;
        gateway_.set_funded(scenario.is_funded);
        gateway_.fail_at(1, scenario.first_answer);
        ledger_.fail_at(fault.ledger_step, fault.ledger, fault.ledger_times);
        for (const FaultyCall& faulty : fault.calls)
            gateway_.fail_at(faulty.call, faulty.fault, faulty.crashes);
        gateway_.fail_notification_at(fault.notification, fault.told);
        start_process();
    }

    /// Empty when all that must hold held.
    [[nodiscard]] std::string problem() {
        const Timestamp bound = start_ + std::chrono::days(5);
        std::string stuck;
        while (stuck.empty() && !is_over() && clock_.now() < bound) {
            live_one_round();
            if (!is_over()) stuck = wait_for_what_is_next();
        }
        if (!stuck.empty()) return stuck;
        if (!is_over()) return "it still goes on after five days, " + shown();
        return what_is_wrong();
    }

    [[nodiscard]] const FaultyLedger& ledger() const { return ledger_; }
    [[nodiscard]] const testing::ScriptedGateway& gateway() const { return gateway_; }
    [[nodiscard]] State state() { return row() ? row()->state : State::held; }

 private:
    struct Held {
        Timestamp until;
        std::optional<Call> call;
        std::optional<Answer> answer;
    };

    /// All that dies with the process is in here; ledger and WeChat live on.
    struct Process {
        testing::SeededRandom random;
        PlainChannel channel;
        Service service;
        std::vector<Held> hands;

        Process(Ledger& ledger, const Clock& clock, std::uint64_t seed)
            : random(seed), service(ledger, {&channel}, clock, random) {}
    };

    void start_process() { process_ = std::make_unique<Process>(ledger_, clock_, ++processes_); }
    [[nodiscard]] Service& service() { return process_->service; }

    /// Does it; whatever dies with the process is as if it had not been answered.
    template <class Work>
    void in_process(Work&& work) {
        try {
            work();
        } catch (const Crash&) {
            start_process();
        }
    }

    void live_one_round() {
        gateway_.advance();
        in_process([&] { act(); });
        in_process([&] { deliver(); });
        if (clock_.now() >= start_ + scenario_.worker_from) in_process([&] { work(); });
    }

    // People.

    void act() {
        if (done_ == scenario_.acts.size() || clock_.now() < act_at()) return;
        // The time is taken first, so that a crash in between means: again, later.
        again_at_ = clock_.now() + 1s;
        if (is_done(scenario_.acts[done_].act)) {
            ++done_;
            again_at_ = {};
        }
    }

    [[nodiscard]] Timestamp act_at() const { return std::max(again_at_, start_ + scenario_.acts[done_].at); }

    [[nodiscard]] bool is_done(Act what) {
        switch (what) {
            case Act::request: {
                const auto receipt = service().request(order(), terms_);
                if (receipt) id_ = receipt->withdrawal.id;
                return receipt.has_value();
            }
            case Act::cancel:
                return is_answered(service().cancel(user_, id_));
            case Act::approve: {
                const auto waiting = ledger_.waiting_for_person(10, std::nullopt);
                if (!waiting) return false;
                if (waiting->empty()) return true;
                const Person who{OperatorId::parse("li").value(), "known user"};
                return is_answered(service().approve(id_, waiting->front().version, who));
            }
            case Act::top_up:
                gateway_.set_funded(true);
                return true;
        }
        return true;
    }

    /// Whether there is a word on it, be it a refusal: what is only in doubt is asked again.
    [[nodiscard]] static bool is_answered(const Result<Withdrawal>& result) {
        if (result) return true;
        const ErrorCode code = result.error().code;
        return code == ErrorCode::already_final || code == ErrorCode::not_allowed;
    }

    [[nodiscard]] Order order() const {
        return {user_,
                IdempotencyKey::parse("k").value(),
                amount_,
                ChannelName::parse("wechat").value(),
                Openid::parse("o").value(),
                ""};
    }

    // WeChat's notifications: each is told until it is stored.

    void deliver() {
        for (Report& report : gateway_.take_notifications()) letters_.push_back(std::move(report));
        if (clock_.now() < letters_at_) return;
        while (!letters_.empty()) {
            letters_at_ = clock_.now() + 15s;
            if (!service().notify(letters_.front())) return;
            letters_.erase(letters_.begin());
            letters_at_ = {};
        }
    }

    // The worker.

    void work() {
        for (std::size_t i = 0; i < process_->hands.size();) {
            if (process_->hands[i].until > clock_.now()) {
                ++i;
                continue;
            }
            const Held held = process_->hands[i];
            process_->hands.erase(process_->hands.begin() + static_cast<std::ptrdiff_t>(i));
            if (held.call)
                perform(*held.call);
            else
                static_cast<void>(service().record(*held.answer));
        }
        const auto calls = service().claim(8);
        if (!calls) return;
        for (const Call& call : *calls) {
            const bool stalls = ++claimed_ == fault_.stall.call && fault_.stall.before_sending > 0s;
            if (stalls)
                process_->hands.push_back({clock_.now() + fault_.stall.before_sending, call, {}});
            else
                perform(call);
        }
    }

    void perform(const Call& call) {
        const Answer answer = gateway_.perform(call);
        const bool stalls =
            gateway_.calls().size() == fault_.stall.call && fault_.stall.before_recording > 0s;
        in_front_of_the_answer();
        if (stalls)
            process_->hands.push_back({clock_.now() + fault_.stall.before_recording, {}, answer});
        else
            static_cast<void>(service().record(answer));
    }

    /// A notification that overtakes the answer of the call that caused it.
    void in_front_of_the_answer() {
        for (const FaultyCall& faulty : fault_.calls) {
            if (faulty.fault == CallFault::notification_in_front && faulty.call == gateway_.calls().size())
                deliver();
        }
    }

    // Time.

    [[nodiscard]] std::optional<Withdrawal> row() { return memory_.find(id_).value(); }

    /// Nothing will ever happen any more.
    [[nodiscard]] bool is_over() {
        if (done_ < scenario_.acts.size() || !letters_.empty() || !process_->hands.empty()) return false;
        if (gateway_.next_event_at()) return false;
        const auto w = row();
        if (w && is_final(w->state) && !final_at_) final_at_ = clock_.now();
        return w && is_final(w->state) && !w->due_at;
    }

    [[nodiscard]] std::string wait_for_what_is_next() {
        std::vector<Timestamp> times;
        if (done_ < scenario_.acts.size()) times.push_back(act_at());
        if (gateway_.next_event_at()) times.push_back(*gateway_.next_event_at());
        if (!letters_.empty()) times.push_back(letters_at_);
        for (const Held& held : process_->hands) times.push_back(held.until);
        if (const auto w = row()) {
            if (is_final(w->state) && !final_at_) final_at_ = clock_.now();
            if (w->due_at) times.push_back(std::max(*w->due_at, w->lease_until));
        }
        if (times.empty()) return "nothing is going to happen any more, " + shown();
        const Timestamp worker_from = start_ + scenario_.worker_from;
        // What should have happened by now met a fault: somebody looks again in a second.
        const Timestamp soonest = *std::min_element(times.begin(), times.end());
        const Timestamp next = soonest > clock_.now() ? soonest : clock_.now() + 1s;
        clock_.advance((clock_.now() < worker_from ? std::min(next, worker_from) : next) - clock_.now());
        return {};
    }

    // What must hold at the end.

    [[nodiscard]] std::string shown() {
        const auto w = row();
        if (!w) return "no withdrawal";
        return "withdrawal " + std::string(name(w->state)) + ", bill " +
               std::string(name(gateway_.state_of(id_))) + ", paid " + std::to_string(gateway_.paid());
    }

    [[nodiscard]] std::string what_is_wrong() {
        const Withdrawal w = *row();
        const bool has_paid = w.state == State::succeeded;
        if (gateway_.paid() > 1) return "paid more than once, " + shown();
        if (has_paid != (gateway_.paid(id_) == 1)) return "the state is not what WeChat did, " + shown();
        if (*final_at_ > start_ + ends_within) return "it took too long to end, " + shown();
        if (!gateway_.violations().empty()) return gateway_.violations().front();
        if (memory_.history(user_, 10, std::nullopt).value().size() != 1) return "not one withdrawal";
        const auto notes = memory_.notes(id_).value();
        for (const Note& note : notes) {
            if (is_anomaly(note.kind)) return "an anomaly was raised: " + std::string(name(note.kind));
        }
        if (!may_be_refused() && w.state != scenario_.ends)
            return "it did not end as without the fault, " + shown();
        return what_is_wrong_in_the_books(has_paid);
    }

    /// A refusal may change how it ends; every other fault only the road there.
    [[nodiscard]] bool may_be_refused() const {
        return std::any_of(fault_.calls.begin(), fault_.calls.end(), [](const FaultyCall& faulty) {
            return faulty.fault == CallFault::refused || faulty.fault == CallFault::refused_for_content;
        });
    }

    [[nodiscard]] std::string what_is_wrong_in_the_books(bool has_paid) {
        const Money fee = has_paid ? 10_fen : Money(), paid = has_paid ? amount_ : Money();
        const std::vector<AccountBalance> expected{
            {"fees", fee},
            {"funding", -(10000_fen)},
            {"user:u1:available", Money::from_fen(10000 - paid.fen() - fee.fen()).value()},
            {"user:u1:held", Money()},
            {"wechat:clearing", paid}};
        const auto books = memory_.trial_balance().value();
        if (sum_of(books) != 0) return "the books do not balance";
        for (const AccountBalance& account : expected) {
            const auto found = std::find_if(books.begin(), books.end(), [&](const AccountBalance& b) {
                return b.account == account.account;
            });
            const Money balance = found == books.end() ? Money() : found->balance;
            if (balance != account.balance) return account.account + " holds " + balance.yuan();
        }
        const std::string date = local_date(start_);
        if (memory_.usage(day_counter(user_, date)).value().amount != paid) return "the day's usage is wrong";
        const Money free = has_paid ? 1000_fen : Money();
        if (memory_.usage(free_counter(user_, date)).value().amount != free) return "the free quota is wrong";
        return {};
    }

    const Scenario& scenario_;
    const Fault& fault_;
    const UserId user_ = UserId::parse("u1").value();
    const Money amount_ = 1234_fen;
    Terms terms_;
    testing::ManualClock clock_;
    const Timestamp start_ = clock_.now();
    MemoryLedger memory_;
    FaultyLedger ledger_{memory_};
    testing::ScriptedGateway gateway_;
    std::unique_ptr<Process> process_;
    std::uint64_t processes_ = 0;
    std::size_t claimed_ = 0;

    WithdrawalId id_;
    std::size_t done_ = 0;
    Timestamp again_at_{};
    std::vector<Report> letters_;
    Timestamp letters_at_{};
    std::optional<Timestamp> final_at_;
};

// Which errors fit which step.

struct LedgerError {
    const char* name;
    LedgerFault fault;
    std::size_t times = 1;
};
// The long ones outlast every repetition within the service, so that its caller hears of them.
constexpr std::array commit_errors = std::to_array<LedgerError>({
    {"lost before", LedgerFault::lost_before},
    {"lost after", LedgerFault::lost_after},
    {"conflict", LedgerFault::conflict},
    {"lost before, for long", LedgerFault::lost_before, 12},
    {"lost after, for long", LedgerFault::lost_after, 12},
    {"conflict, for long", LedgerFault::conflict, 140},
    {"crash before", LedgerFault::crash_before},
    {"crash after", LedgerFault::crash_after},
});
constexpr std::array read_errors = std::to_array<LedgerError>({
    {"unavailable", LedgerFault::unavailable},
    {"unavailable, for long", LedgerFault::unavailable, 12},
    {"crash", LedgerFault::crash_before},
});

struct CallError {
    const char* name;
    CallFault fault;
    bool fits_submit, fits_query, fits_cancel;
    bool crashes = false;
};
constexpr std::array call_errors = std::to_array<CallError>({
    {"not sent", CallFault::not_sent, true, true, true},
    {"lost before", CallFault::lost_before, true, true, true},
    {"lost after", CallFault::lost_after, true, false, true},
    {"executed later", CallFault::executed_later, true, false, true},
    {"500 before", CallFault::server_error_before, true, true, true},
    {"500 after", CallFault::server_error_after, true, false, true},
    {"500, executed later", CallFault::server_error_later, true, false, true},
    {"unverified after", CallFault::unverified_after, true, true, true},
    {"unknown code", CallFault::unknown_code_before, true, true, true},
    {"unknown code after", CallFault::unknown_code_after, true, false, true},
    {"throttled", CallFault::throttled, true, true, true},
    {"merchant trouble", CallFault::merchant_trouble, true, true, true},
    {"refused", CallFault::refused, true, true, true},
    {"refused for content", CallFault::refused_for_content, true, false, false},
    {"number taken", CallFault::number_taken, true, false, false},
    {"query misses the bill", CallFault::misses_bill, false, true, false},
    {"notification in front", CallFault::notification_in_front, true, true, true},
    {"crash before sending", CallFault::not_sent, true, true, true, true},
    {"crash, arrived", CallFault::lost_after, true, true, true, true},
    {"crash, arrives late", CallFault::executed_later, true, false, true, true},
});

constexpr std::array<Stall, 5> stalls{
    {{0, 61s, 0s}, {0, 10min, 0s}, {0, 30h, 0s}, {0, 0s, 2min}, {0, 0s, 30h}}};

bool fits(const CallError& error, CallKind kind) {
    if (kind == CallKind::submit) return error.fits_submit;
    return kind == CallKind::query ? error.fits_query : error.fits_cancel;
}

std::vector<Fault> faults_of_ledger(const FaultyLedger& ledger) {
    std::vector<Fault> faults;
    for (std::size_t step = 1; step <= ledger.operations().size(); ++step) {
        const bool is_commit = ledger.operations()[step - 1] == FaultyLedger::Operation::commit;
        const auto errors = is_commit ? std::span<const LedgerError>(commit_errors) : read_errors;
        for (const LedgerError& error : errors) {
            Fault fault;
            fault.name = std::string(is_commit ? "commit" : "read") + " at ledger step " +
                         std::to_string(step) + ": " + error.name;
            fault.ledger_step = step;
            fault.ledger = error.fault;
            fault.ledger_times = error.times;
            faults.push_back(fault);
        }
    }
    return faults;
}

std::vector<Fault> faults_of_wechat(const testing::ScriptedGateway& gateway, std::size_t first_call) {
    std::vector<Fault> faults;
    for (std::size_t call = first_call; call <= gateway.calls().size(); ++call) {
        const CallKind kind = gateway.calls()[call - 1];
        const std::string at = std::string(name(kind)) + " as call " + std::to_string(call) + ": ";
        for (const CallError& error : call_errors) {
            if (!fits(error, kind)) continue;
            Fault fault;
            fault.name = at + error.name;
            fault.calls = {{call, error.fault, error.crashes}};
            faults.push_back(fault);
        }
        for (Stall stall : stalls) {
            stall.call = call;
            Fault stalled;
            stalled.name = at + "the worker stands still";
            stalled.stall = stall;
            faults.push_back(stalled);
        }
    }
    for (std::size_t n = 1; n <= gateway.notifications(); ++n) {
        for (const auto told : {NotificationFault::lost, NotificationFault::doubled}) {
            Fault fault;
            fault.name = "notification " + std::to_string(n) +
                         (told == NotificationFault::lost ? ": lost" : ": doubled");
            fault.notification = n;
            fault.told = told;
            faults.push_back(fault);
        }
    }
    return faults;
}

/// Two of the first calls go wrong, each in any way that there is.
std::vector<Fault> faults_of_two_calls() {
    std::vector<Fault> faults;
    for (const auto& [first, second] : {std::pair<std::size_t, std::size_t>{1, 2}, {1, 3}, {2, 3}}) {
        for (const CallError& one : call_errors) {
            for (const CallError& two : call_errors) {
                Fault fault;
                fault.name = "call " + std::to_string(first) + ": " + one.name + ", call " +
                             std::to_string(second) + ": " + two.name;
                fault.calls = {{first, one.fault, one.crashes}, {second, two.fault, two.crashes}};
                faults.push_back(fault);
            }
        }
    }
    return faults;
}

/// Runs the scenario with each fault; a few failures are enough to read.
void expect_no_problem(const Scenario& scenario, const std::vector<Fault>& faults) {
    int problems = 0;
    for (const Fault& fault : faults) {
        const std::string problem = Playthrough(scenario, fault).problem();
        EXPECT_EQ(problem, "") << fault.name;
        if (!problem.empty() && ++problems == 5) return;
    }
}

class EachStep : public ::testing::TestWithParam<Scenario> {};

TEST_P(EachStep, MayFailInEachWay) {
    const Scenario& scenario = GetParam();
    const Fault none{"no fault"};
    Playthrough clean(scenario, none);
    ASSERT_EQ(clean.problem(), "");
    ASSERT_EQ(name(clean.state()), name(scenario.ends));
    // The scenario's own fault is not to be replaced by another one.
    const std::size_t first_call = scenario.first_answer == CallFault::none ? 1 : 2;
    std::vector<Fault> faults = faults_of_ledger(clean.ledger());
    const auto of_wechat = faults_of_wechat(clean.gateway(), first_call);
    faults.insert(faults.end(), of_wechat.begin(), of_wechat.end());

    expect_no_problem(scenario, faults);

    std::cout << "[     runs ] " << scenario.name << ": 1 without a fault and " << faults.size() << " over "
              << clean.ledger().operations().size() << " ledger operations, "
              << clean.gateway().calls().size() << " calls and " << clean.gateway().notifications()
              << " notifications\n";
}

class EachTwoCalls : public ::testing::TestWithParam<Scenario> {};

TEST_P(EachTwoCalls, MayFailInEachWay) {
    const std::vector<Fault> faults = faults_of_two_calls();

    expect_no_problem(GetParam(), faults);

    std::cout << "[     runs ] " << GetParam().name << ": " << faults.size() << " with two faulty calls\n";
}

std::vector<Scenario> scenarios() {
    const testing::GatewayScript confirms{}, never{.confirms_after = std::nullopt};
    const testing::GatewayScript slow{.confirms_after = std::nullopt, .later = 30min};
    const testing::GatewayScript fails{.confirms_after = std::nullopt, .fails_after = 10s};
    const Scripted request{0s, Act::request};
    std::vector<Scenario> all{
        {"PaysOut", {request}, confirms, State::succeeded},
        {"UserCancelsWhileItWaits", {request, {5s, Act::cancel}}, never, State::cancelled},
        {"UserCancelsWhileHeld", {request, {5s, Act::cancel}}, never, State::cancelled, /*worker_from=*/1min},
        {"UserNeverConfirms",
         {request},
         {.confirms_after = std::nullopt, .closes_after = 30min},
         State::failed},
        {"WechatFailsTheBill", {request}, fails, State::failed},
        {"MerchantIsOutOfMoneyAndTopsUp", {request, {2min, Act::top_up}}, confirms, State::succeeded},
        {"ReviewIsApproved", {request, {1min, Act::approve}}, confirms, State::succeeded},
        {"FirstAnswerIsLost", {request}, confirms, State::succeeded},
        {"UserCancelsWhileTheFirstSubmitIsOnItsWay", {request, {5s, Act::cancel}}, slow, State::cancelled},
    };
    all[5].is_funded = false;
    all[6].is_reviewed = true;
    all[7].first_answer = CallFault::lost_after;
    all[8].first_answer = CallFault::executed_later;
    return all;
}

std::string name_of(const ::testing::TestParamInfo<Scenario>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(Scenarios, EachStep, ::testing::ValuesIn(scenarios()), name_of);
INSTANTIATE_TEST_SUITE_P(Scenarios, EachTwoCalls,
                         ::testing::Values(scenarios()[0], scenarios()[1], scenarios()[5], scenarios()[7]),
                         name_of);

}  // namespace
}  // namespace tixian
