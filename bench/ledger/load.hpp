// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tixian/apply.hpp"
#include "tixian/local_time.hpp"
#include "tixian/testing/seeded_random.hpp"
#include "tixian/withdrawal_id.hpp"

namespace tixian::bench {

struct LoadShape {
    std::size_t users = 1000;
    /// How many channels, each with its merchant's counter.
    std::size_t merchants = 1;
    /// Loads of other seeds have other numbers and keys.
    std::uint64_t seed = 20261124;
};

/// Withdrawals as the service makes them: requested, submitted, and paid by WeChat's word. The same shape
/// gives the same changes. They are made ahead of what is timed, on both sides.
class Load {
 public:
    static constexpr std::size_t steps = 3;  ///< changes of one withdrawal

    explicit Load(LoadShape shape = {}) : shape_(shape) {}

    /// What a ledger holds before the first withdrawal: enough money in every wallet, and every channel open.
    [[nodiscard]] std::vector<Change> opening() {
        std::vector<Change> changes;
        for (std::size_t i = 0; i < shape_.users; ++i) {
            const std::string reference = "opening-" + std::to_string(i);
            changes.push_back(change(Deposit{user(i), Reference::parse(reference).value(), plenty}));
        }
        const Person operator_of_bench{OperatorId::parse("bench").value(), "opens"};
        for (std::size_t i = 0; i < shape_.merchants; ++i)
            changes.push_back(change(Switch{channel(i), true, operator_of_bench}));
        return changes;
    }

    /// The next withdrawal's request.
    [[nodiscard]] Change request() {
        now_ += Duration(1);
        Withdrawal w;
        w.id = make_withdrawal_id(now_, {}, random_);
        w.order = {user(made_ % shape_.users),        key(),    amount(),
                   channel(made_ % shape_.merchants), openid(), "提现"};
        ++made_;
        w.terms = terms();
        w.counted_on = local_date(now_);
        w.version = 1;
        w.due_at = now_;
        w.created_at = w.updated_at = now_;
        return change(Step{w, Entry::hold(w.order.user, total_of(w)), {}, "requested", claims_of(w)});
    }

    /// The submit of a withdrawal that is held.
    [[nodiscard]] Change submit(const Withdrawal& held) {
        const BeginCall event{destination(), Submission{body(held), ""}};
        return change(step_of(held, event));
    }

    /// WeChat's notification that it has paid.
    [[nodiscard]] Change settle(const Withdrawal& submitted) {
        Report report;
        report.id = submitted.id;
        report.state = BillState::success;
        report.raw_state = "SUCCESS";
        report.transfer_bill_no = hex("13300000711009999911820200507000", 8);
        return change(step_of(submitted, Reported{report, {}}));
    }

    /// All changes of so many withdrawals, the three of each in a row.
    [[nodiscard]] std::vector<Change> withdrawals(std::size_t count) {
        std::vector<Change> changes;
        changes.reserve(count * steps);
        for (std::size_t i = 0; i < count; ++i) {
            changes.push_back(request());
            changes.push_back(submit(next_of(changes.back())));
            changes.push_back(settle(next_of(changes.back())));
        }
        return changes;
    }

    /// How many withdrawals these changes are.
    [[nodiscard]] static double count_of(std::span<const Change> changes) {
        return static_cast<double>(changes.size()) / steps;
    }
    [[nodiscard]] static const Withdrawal& next_of(const Change& change) {
        return std::get<Step>(change.what).next;
    }

    /// The same for all, with limits that are counted and never reached.
    [[nodiscard]] static Terms terms() {
        Terms terms;
        terms.day_amount_max = plenty;
        terms.day_count_max = 1'000'000'000;
        terms.month_amount_max = plenty;
        terms.merchant_day_max = plenty;
        return terms;
    }

    [[nodiscard]] Timestamp now() const { return now_; }

 private:
    static constexpr Money plenty = 10'000'000'000_fen;

    template <class What>
    [[nodiscard]] Change change(What what) {
        return {make_change_id(random_), now_, std::move(what)};
    }
    [[nodiscard]] Step step_of(const Withdrawal& withdrawal, const Event& event) {
        return apply(withdrawal, event, policy_, Moment{now_, random_.next()}).value().value();
    }

    [[nodiscard]] std::string hex(const char* head, int digits) {
        char text[64];
        const int length = std::snprintf(text, sizeof text, "%s%0*llx", head, digits,
                                         static_cast<unsigned long long>(random_.next()));
        return {text, static_cast<std::size_t>(length)};
    }
    static UserId user(std::size_t i) { return UserId::parse("user-" + std::to_string(100'000 + i)).value(); }
    static ChannelName channel(std::size_t i) {
        return ChannelName::parse("wechat-" + std::to_string(1000 + i)).value();
    }
    IdempotencyKey key() { return IdempotencyKey::parse(hex("request-", 16)).value(); }
    Openid openid() { return Openid::parse(hex("oUpF8uMuAJO-", 16)).value(); }
    Money amount() {
        return Money::from_fen(100 + static_cast<std::int64_t>(random_.next() % 19'900)).value();
    }
    static Destination destination() {
        return {"transfer-bills", Mchid::parse("1900000001").value(),
                Appid::parse("wxf636efh567hg4356").value()};
    }
    /// As long as what WeChat is sent.
    static std::string body(const Withdrawal& w) {
        return R"({"appid":"wxf636efh567hg4356","out_bill_no":")" + w.id.text() +
               R"(","transfer_scene_id":"1005","openid":")" + w.order.openid.text() +
               R"(","transfer_amount":)" + std::to_string(w.order.amount.fen()) +
               R"(,"transfer_remark":"提现","notify_url":"https://pay.example.com/notify/wechat",)"
               R"("transfer_scene_report_infos":[{"info_type":"岗位类型","info_content":"外卖员"},)"
               R"({"info_type":"报酬说明","info_content":"高温补贴"}]})";
    }

    const LoadShape shape_;
    const Policy policy_;
    testing::SeededRandom random_{shape_.seed};
    Timestamp now_ = from_millis(1'735'705'000'000);
    std::size_t made_ = 0;
};

}  // namespace tixian::bench
