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

}  // namespace
}  // namespace tixian
