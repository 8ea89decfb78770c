// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/local_time.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/json.hpp"

namespace tixian::wechat {

namespace detail {

inline Result<std::optional<Timestamp>> optional_time(const json::Value& object, const char* key) {
    auto text = text_member(object, key, false);
    if (!text) return tl::unexpected(text.error());
    if (text->empty()) return std::optional<Timestamp>{};
    const auto at = parse_rfc3339(*text);
    if (!at) return refuse(ErrorCode::malformed, at.error().message, key);
    return std::optional<Timestamp>(*at);
}

/// Takes one member after the other into a value, and remembers the first that was wrong.
class MemberReader {
 public:
    explicit MemberReader(const json::Value& object) : object_(object) {}

    template <class T>
    void id(const char* key, std::optional<T>& into) {
        take(optional_id<T>(object_, key), into);
    }
    template <class T>
    void required_id(const char* key, T& into) {
        std::optional<T> found;
        id(key, found);
        if (!found && !refusal_) refusal_ = Error{ErrorCode::malformed, "is missing", key};
        if (found) into = std::move(*found);
    }
    void text(const char* key, std::string& into, bool required = false) {
        take(text_member(object_, key, required), into);
    }
    void amount(const char* key, std::optional<Money>& into) { take(optional_amount(object_, key), into); }
    void time(const char* key, std::optional<Timestamp>& into) { take(optional_time(object_, key), into); }

    [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }

 private:
    template <class T>
    void take(Result<T> result, T& into) {
        if (result)
            into = std::move(*result);
        else if (!refusal_)
            refusal_ = std::move(result.error());
    }

    const json::Value& object_;
    std::optional<Error> refusal_;
};

}  // namespace detail

}  // namespace tixian::wechat
