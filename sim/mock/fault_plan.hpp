// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>

#include "faults/faults.hpp"
#include "mock/delivery.hpp"
#include "mock/http.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// How an answer or a notification is signed.
struct Signing {
    enum class Kind { right, none, wrong, probe, unknown_serial };
    Kind kind = Kind::right;
    std::string serial;      ///< the unknown one
    Duration signed_ago{0};  ///< negative: in the future

    [[nodiscard]] bool is_verifiable() const {
        constexpr Duration window = std::chrono::seconds(300);  // wechat_spec 3
        return kind == Kind::right && signed_ago < window && signed_ago > -window;
    }
};

/// Changes what is signed rightly at the right time into what the signing says. Times are the signer's part.
void spoil(Answer& answer, const Signing& signing);
void spoil(std::vector<std::pair<std::string, std::string>>& headers, const Signing& signing);

/// An answer that stands for WeChat's own.
struct ForcedAnswer {
    int status = 500;
    std::string code;
    std::string message;
    Duration retry_after{0};
    bool is_page = false;  ///< a gateway's, not WeChat's
};

/// What becomes of one call, from the faults that befall it.
struct CallPlan {
    bool executes = true;
    std::optional<Duration> executes_later;
    std::optional<Duration> silent_for;  ///< no answer: the connection ends after this time
    std::optional<ForcedAnswer> forced;
    std::optional<Duration> invisible_within;  ///< NOT_FOUND when the bill is younger
    bool is_missed = false;                    ///< NOT_FOUND when the bill exists
    std::string unknown_state;
    bool spoils_json = false;
    std::string content_type;
    Duration delay{0};
    Duration skew{0};
    bool rotates_key = false;
    Signing signing;
    Delivery delivery;

    /// Whether the answer comes to its end, right or wrong.
    [[nodiscard]] bool is_whole() const {
        return !silent_for && !delivery.is_reset && !delivery.reset_at_percent && !delivery.cut_at_percent;
    }
    /// Whether a client that checks signatures can believe what it gets, if it gets it.
    [[nodiscard]] bool is_believable() const;
};

[[nodiscard]] CallPlan plan_of(std::span<const faults::Drawn> drawn);

}  // namespace tixian::mock
