// SPDX-License-Identifier: MIT
#include <atomic>
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include "plain_channel.hpp"
#include "tixian/memory/memory_ledger.hpp"
#include "tixian/testing/faulty_ledger.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/threads/system_clock.hpp"
#include "tixian/threads/workers.hpp"

namespace tixian {
namespace {

using namespace std::chrono_literals;

/// Answers SUCCESS to everything, once it is let.
class GatedGateway : public Gateway {
 public:
    [[nodiscard]] Answer perform(const Call& call) override {
        std::unique_lock lock(mutex_);
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return is_open_; });
        Report report;
        report.id = call.id;
        report.state = BillState::success;
        report.raw_state = "SUCCESS";
        return {call.id, call.kind, call.number, report};
    }
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        changed_.notify_all();
    }
    [[nodiscard]] bool wait_for_begun(int count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return begun_ >= count; });
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = false;
    int begun_ = 0;
};

class WorkersTest : public ::testing::Test {
 protected:
    [[nodiscard]] WithdrawalId request(int number) {
        const Order order{user_,
                          IdempotencyKey::parse("k" + std::to_string(number)).value(),
                          100_fen,
                          channel_.name(),
                          Openid::parse("o1").value(),
                          ""};
        return service_.request(order, Terms{}).value().withdrawal.id;
    }
    [[nodiscard]] bool succeeds(const WithdrawalId& id) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (ledger_.find(id).value()->state != State::succeeded) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(1ms);
        }
        return true;
    }
    void SetUp() override {
        ASSERT_TRUE(service_.deposit(user_, 100'000_fen, Reference::parse("d").value()).has_value());
    }

    SystemClock clock_;
    testing::SeededRandom random_{1};
    MemoryLedger ledger_;
    PlainChannel channel_;
    Service service_{ledger_, {&channel_}, clock_, random_};
    GatedGateway gateway_;
    UserId user_ = UserId::parse("u1").value();
    std::atomic<int> errors_{0};
    std::function<void(const Error&)> count_errors_ = [this](const Error&) { ++errors_; };
};

TEST_F(WorkersTest, PayEverythingThatIsDue) {
    gateway_.open();
    std::vector<WithdrawalId> ids;
    for (int i = 0; i < 50; ++i) ids.push_back(request(i));

    Workers workers(service_, gateway_, {}, count_errors_);

    for (const auto& id : ids) EXPECT_TRUE(succeeds(id));
    EXPECT_EQ(errors_, 0);
}

TEST_F(WorkersTest, DoNotWaitForTheNextPollWhenTheyAreWoken) {
    gateway_.open();
    WorkersOptions slow;
    slow.poll_interval = 1h;
    Workers workers(service_, gateway_, slow, count_errors_);
    const WithdrawalId first = request(1);
    workers.wake();
    ASSERT_TRUE(succeeds(first));

    const WithdrawalId second = request(2);
    workers.wake();

    EXPECT_TRUE(succeeds(second));
}

TEST_F(WorkersTest, FinishWhatTheyHaveClaimedBeforeTheyStop) {
    const WithdrawalId id = request(1);
    Workers workers(service_, gateway_, {}, count_errors_);
    ASSERT_TRUE(gateway_.wait_for_begun(1));
    std::thread opener([&] { gateway_.open(); });

    workers.stop();

    opener.join();
    EXPECT_EQ(ledger_.find(id).value()->state, State::succeeded);
}

/// A channel with a rate, beside the fixture's that has none.
class SlowChannel : public PlainChannel {
 public:
    explicit SlowChannel(int rate) : rate_(rate) {}
    [[nodiscard]] const ChannelName& name() const override { return name_; }
    [[nodiscard]] int calls_per_second(CallKind) const override { return rate_; }

 private:
    int rate_;
    ChannelName name_ = ChannelName::parse("slow").value();
};

TEST_F(WorkersTest, KeepTheRateOfTheChannel) {
    gateway_.open();
    SlowChannel slow(100);
    Service service(ledger_, {&slow}, clock_, random_);
    std::vector<WithdrawalId> ids;
    for (int i = 0; i < 30; ++i) {
        const Order order{user_,
                          IdempotencyKey::parse("k" + std::to_string(i)).value(),
                          100_fen,
                          slow.name(),
                          Openid::parse("o1").value(),
                          ""};
        ids.push_back(service.request(order, Terms{}).value().withdrawal.id);
    }
    const auto begin = std::chrono::steady_clock::now();

    Workers workers(service, gateway_, {}, count_errors_);
    for (const auto& id : ids) EXPECT_TRUE(succeeds(id));

    EXPECT_GE(std::chrono::steady_clock::now() - begin, 29 * places_apart(100));
}

TEST_F(WorkersTest, LetNoChannelWaitForTheBacklogOfAnother) {
    gateway_.open();
    SlowChannel slow(1);
    Service service(ledger_, {&slow, &channel_}, clock_, random_);
    for (int i = 0; i < 20; ++i) {
        const Order order{user_,
                          IdempotencyKey::parse("s" + std::to_string(i)).value(),
                          100_fen,
                          slow.name(),
                          Openid::parse("o1").value(),
                          ""};
        ASSERT_TRUE(service.request(order, Terms{}).has_value());
    }
    std::vector<WithdrawalId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(request(i));

    Workers workers(service, gateway_, {}, count_errors_);

    for (const auto& id : ids) EXPECT_TRUE(succeeds(id));
    const auto left = ledger_.due(clock_.now(), 100, {slow.name(), {}, {}}).value();
    EXPECT_GE(left.size(), 5U);  // ten seconds at most have passed
}

TEST_F(WorkersTest, RaiseWhatBelongsToAChannelThatIsNotConfigured) {
    SlowChannel gone(0);
    const Order order{user_,       IdempotencyKey::parse("k").value(), 100_fen,
                      gone.name(), Openid::parse("o1").value(),        ""};
    const auto id = Service(ledger_, {&gone}, clock_, random_).request(order, Terms{}).value().withdrawal.id;

    Workers workers(service_, gateway_, {}, count_errors_);

    const auto end = std::chrono::steady_clock::now() + 10s;
    while (ledger_.notes(id).value().empty()) {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(ledger_.notes(id).value().front().kind, NoteKind::channel_missing);
}

/// Lanes that are out of reach, then held by others, and never answer who leaves.
class TroubledLanes : public LocalLanes {
 public:
    [[nodiscard]] Result<bool> enter(const Lane& lane, std::chrono::microseconds lease) override {
        const int call = ++calls_;
        if (call == 1) return unreachable();
        if (call == 2) return false;
        return LocalLanes::enter(lane, lease);
    }
    [[nodiscard]] Result<std::chrono::microseconds> leave(const Lane& lane, std::size_t places,
                                                          std::chrono::microseconds apart) override {
        static_cast<void>(LocalLanes::leave(lane, places, apart));
        return unreachable();
    }
    [[nodiscard]] Result<std::chrono::microseconds> take_place(const Lane& lane,
                                                               std::chrono::microseconds apart) override {
        ++places_taken_;
        return LocalLanes::take_place(lane, apart);
    }
    [[nodiscard]] int places_taken() const { return places_taken_; }

 private:
    static tl::unexpected<Error> unreachable() {
        return refuse(ErrorCode::ledger_unavailable, "the lanes cannot be reached");
    }
    std::atomic<int> calls_ = 0, places_taken_ = 0;
};

TEST_F(WorkersTest, GoOnWhenTheLanesAreBusyOrOutOfReach) {
    gateway_.open();
    SlowChannel slow(100);
    Service service(ledger_, {&slow}, clock_, random_);
    const Order order{user_,       IdempotencyKey::parse("k").value(), 100_fen,
                      slow.name(), Openid::parse("o1").value(),        ""};
    const auto id = service.request(order, Terms{}).value().withdrawal.id;
    TroubledLanes lanes;
    WorkersOptions options;
    options.poll_interval = 1ms;
    options.lanes = &lanes;

    Workers workers(service, gateway_, options, count_errors_);

    EXPECT_TRUE(succeeds(id));
    EXPECT_EQ(lanes.places_taken(), 1);  // nothing is sent without a place
    EXPECT_EQ(errors_, 2);
}

}  // namespace
}  // namespace tixian
