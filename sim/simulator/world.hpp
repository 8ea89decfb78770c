// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "auditor/auditor.hpp"
#include "simulator/flaky_ledger.hpp"
#include "simulator/plain_channel.hpp"
#include "simulator/protocol.hpp"
#include "simulator/stage.hpp"
#include "simulator/subject.hpp"
#include "simulator/wechat.hpp"
#include "tixian/lanes.hpp"
#include "tixian/service.hpp"

namespace tixian::sim {

/// One run: users, the service in several processes on one ledger, the network, and WeChat, all in one thread
/// on virtual time.
class World : private LedgerWatch {
 public:
    World(const Setup& setup, Choices& choices, const Subject& subject, bool has_auditor = true);

    void run();

    [[nodiscard]] const std::optional<audit::Violation>& violation() const { return auditor_.violation(); }
    [[nodiscard]] Stage& stage() { return stage_; }
    void write_down() { stage_.trace.write_down(); }
    /// `WD…`, or empty.
    [[nodiscard]] std::string number_of(std::uint32_t withdrawal) const {
        return rows_[withdrawal].id.text();
    }

 private:
    static constexpr std::uint32_t nobody = ~std::uint32_t{0};
    // Subjects of decisions that are about no withdrawal.
    static constexpr std::uint32_t everybody = 0xFFFFE0, of_process = 0xFFFF00, of_user = 0xFFFE00;

    class ProcessClock : public Clock {
     public:
        explicit ProcessClock(const Stage& stage) : stage_(stage) {}
        [[nodiscard]] Timestamp now() const override { return stage_.now + skew; }
        [[nodiscard]] MonotonicTime monotonic() const override {
            return MonotonicTime(stage_.now - stage_.setup.begins_at + std::chrono::hours(1));
        }
        Duration skew{0};

     private:
        const Stage& stage_;
    };
    class SeedRandom : public Random {
     public:
        explicit SeedRandom(std::uint64_t seed) : seed_(mix(seed, 0x1D)) {}
        [[nodiscard]] std::uint64_t next() override { return mix(seed_, ++count_); }

     private:
        std::uint64_t seed_, count_ = 0;
    };
    struct Process {
        std::unique_ptr<ProcessClock> clock;
        std::unique_ptr<Service> service;
        bool is_up = true;
        Timestamp up_at{};  ///< while it is down
        std::uint32_t incarnation = 0;
    };
    /// What a user wants, and what has become of it.
    struct Wish {
        std::uint32_t user = 0;
        std::int64_t fen = 0;
        Openid openid;
    };
    /// The last stored state of a withdrawal, as far as the world acts on it.
    struct Row {
        bool exists = false;
        WithdrawalId id;
        std::int64_t version = 0, calls = 0;
        State state{};
        CallKind next_call{};
        Timestamp submitted_at{};
        std::uint32_t idle = 0, looks = 0;
        bool is_shown = false;  ///< the user has seen the page on which he confirms
        std::string package_info;
    };
    /// A call that a worker has claimed, until it is recorded.
    struct Flight {
        Call call;
        std::uint32_t withdrawal = 0, turn = 0;
        std::uint32_t process = 0, incarnation = 0;
        Timestamp claimed_at{}, sent_at{}, place_until{};
        bool is_closed = false;
        std::array<bool, 2> is_pending{};  ///< its copies that WeChat may still execute, told to the auditor
        wechat::HttpRequest request{};     ///< in the full protocol
        std::optional<Said> said;
        std::optional<wechat::HttpResponse> response;
        std::optional<Answer> answer;
    };

    // The beginning, the loop, and what is checked (world.cpp).
    void prepare();
    void plan_windows();
    void dispatch(const Event& event);
    void dispatch_people(const Event& event);
    void deliver_outbox();
    void be_calm();
    void check_in_full();
    [[nodiscard]] audit::Ground ground();
    [[nodiscard]] audit::BankBill bank_bill(std::string_view number) const;

    // LedgerWatch (world_ledger.cpp).
    void on_applied(const Change& change) override;
    void let_another_come_between() override;
    [[nodiscard]] std::uint32_t index_of(const WithdrawalId& id) const override;
    [[nodiscard]] std::uint32_t index_of(const Withdrawal& withdrawal) const override;
    void on_step(const Step& step);
    void remember(std::uint32_t w, const Step& step);
    void plan_what_follows(std::uint32_t w, const Step& step);
    void forge_notification(std::uint32_t w);
    void tell_auditor(std::uint32_t w, const Step& step);
    void tell_step(std::uint32_t w, const Step& step);
    void move_money(const Entry& entry);
    void note_money();

    // Processes (world_service.cpp).
    template <class Act>
    bool run_in(std::uint32_t process, const Act& act);
    [[nodiscard]] std::uint32_t any_up(std::uint32_t subject, std::uint32_t nth);
    /// When a process is up again, where all are down.
    [[nodiscard]] Timestamp next_up() const;
    void crash(std::uint32_t process, std::uint32_t subject, std::uint32_t nth);
    void request(std::uint32_t order, std::uint32_t turn);
    void answer_request(std::uint32_t order, std::uint32_t turn, const audit::Asked& asked,
                        const Result<Receipt>& receipt);
    void deposit(std::uint32_t user, std::uint32_t turn);
    void work(std::uint32_t w, std::uint32_t version);
    void take_call(Call call, std::uint32_t process, Timestamp claimed_at);
    void record(std::uint32_t flight);
    void notify(std::uint32_t notice);

    // The network (world_network.cpp).
    void send(std::uint32_t flight);
    [[nodiscard]] bool takes_another_place(Flight& flight, std::uint32_t index);
    void dispatch_copy(std::uint32_t flight, std::uint32_t copy);
    void arrive(std::uint32_t flight, std::uint32_t copy);
    void answer(std::uint32_t flight);
    void give_up(std::uint32_t flight);
    void close(std::uint32_t flight, Answer answer);
    [[nodiscard]] bool is_gone(const Flight& flight) const;
    [[nodiscard]] Asking read_request(const Flight& flight, std::uint32_t copy) const;
    void spread(Notice notice);

    // People (world_people.cpp).
    void confirm(std::uint32_t w);
    void cancel(std::uint32_t w, bool by_operator);
    void operator_looks(std::uint32_t w, std::uint32_t look);
    void switch_channel(bool is_open);
    template <class Act>
    void decide(std::uint32_t w, std::uint32_t look, const Act& act);
    /// Everything that no person holds back is final by then.
    [[nodiscard]] Timestamp ends_at() const;

    Stage stage_;
    SeedRandom random_;
    std::vector<WeChat::Knowledge> known_;
    std::vector<Row> rows_;
    std::vector<Wish> wishes_;
    audit::Auditor auditor_;
    bool has_auditor_;
    WeChat wechat_;
    std::unique_ptr<Ledger> inner_;
    FlakyLedger ledger_;
    std::unique_ptr<Channel> channel_;
    std::unique_ptr<FullProtocol> protocol_;
    std::vector<Process> processes_;
    std::deque<Flight> flights_;
    std::deque<Notice> notices_;
    std::unordered_map<std::string, std::uint32_t> index_by_number_;
    std::array<LaneState, 3> lanes_{};
    bool requests_are_cut_ = false, answers_are_cut_ = false;
    Timestamp decided_at_{};  // when a person last let go of a withdrawal
    std::uint32_t running_ = nobody, running_incarnation_ = 0;
    int depth_ = 0;
    audit::Stored stored_;
    MoneyAt money_{};
};

template <class Act>
bool World::run_in(std::uint32_t process, const Act& act) {
    const std::uint32_t outer = running_, outer_incarnation = running_incarnation_;
    running_ = process;
    running_incarnation_ = processes_[process].incarnation;
    bool has_lived = true;
    try {
        act(*processes_[process].service);
    } catch (const ProcessDied&) {
        has_lived = false;
        if (processes_[process].incarnation == running_incarnation_)
            crash(process, of_process + process, running_incarnation_);
    }
    running_ = outer;
    running_incarnation_ = outer_incarnation;
    return has_lived;
}

}  // namespace tixian::sim
