// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/money.hpp"

namespace tixian::bank {

/// The older API's states (wechat_spec 2).
enum class BatchState { wait_pay, accepted, processing, finished, closed };
enum class DetailState { init, wait_pay, processing, success, fail };

[[nodiscard]] constexpr std::string_view name(BatchState state) {
    constexpr std::array<std::string_view, 5> names = {"WAIT_PAY", "ACCEPTED", "PROCESSING", "FINISHED",
                                                       "CLOSED"};
    return names[static_cast<std::size_t>(state)];
}
[[nodiscard]] constexpr std::string_view name(DetailState state) {
    constexpr std::array<std::string_view, 5> names = {"INIT", "WAIT_PAY", "PROCESSING", "SUCCESS", "FAIL"};
    return names[static_cast<std::size_t>(state)];
}
[[nodiscard]] constexpr bool is_final(BatchState state) {
    return state == BatchState::finished || state == BatchState::closed;
}

struct DetailOrder {
    std::string out_detail_no;
    std::string openid;
    std::string user_name;  ///< plain
    Money amount;
    std::string remark;
    bool operator==(const DetailOrder&) const = default;
};

struct BatchOrder {
    std::string mchid;
    std::string out_batch_no;
    std::string appid;
    std::string batch_name;
    std::string batch_remark;
    std::string transfer_scene_id;
    std::string notify_url;
    std::vector<DetailOrder> details;
    bool operator==(const BatchOrder&) const = default;

    /// The sum of the details; an error when it is out of bounds.
    [[nodiscard]] Result<Money> total() const {
        Money sum;
        for (const DetailOrder& detail : details) {
            const auto next = checked_add(sum, detail.amount);
            if (!next) return next;
            sum = *next;
        }
        return sum;
    }
};

struct Detail {
    std::string detail_id;
    DetailState state = DetailState::init;
    std::string fail_reason;
    Timestamp updated_at;
};

struct Batch {
    BatchOrder order;
    std::string batch_id;
    BatchState state = BatchState::accepted;
    std::string close_reason;
    std::vector<Detail> details;  ///< in the order of `order.details`
    Timestamp created_at;
    Timestamp updated_at;
    bool is_funded = false;
    int notify_attempts = 0;
    bool is_notified = false;

    /// Count and sum of the details in this state.
    struct Part {
        std::size_t count = 0;
        Money amount;
    };
    [[nodiscard]] Part part(DetailState wanted) const {
        Part part;
        for (std::size_t i = 0; i < details.size(); ++i) {
            if (details[i].state != wanted) continue;
            ++part.count;
            part.amount = checked_add(part.amount, order.details[i].amount).value_or(part.amount);
        }
        return part;
    }
};

/// One detail with the batch it is in.
struct BatchDetail {
    Batch batch;
    std::size_t index = 0;
    [[nodiscard]] const DetailOrder& order() const { return batch.order.details[index]; }
    [[nodiscard]] const Detail& detail() const { return batch.details[index]; }
};

}  // namespace tixian::bank
