// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/local_time.hpp"
#include "tixian/money.hpp"
#include "tixian/wechat/bill_report.hpp"
#include "tixian/wechat/json.hpp"

namespace tixian::wechat::detail {

inline Result<std::int64_t> count_member(const json::Value& object, const char* key) {
    const auto count = object.integer(key);
    if (!count || *count < 0) return refuse(ErrorCode::malformed, "must be a count", key);
    return *count;
}

inline Result<Money> amount_member(const json::Value& object, const char* key) {
    auto amount = optional_amount(object, key);
    if (!amount) return tl::unexpected(amount.error());
    if (!*amount) return refuse(ErrorCode::malformed, "is missing", key);
    return **amount;
}

inline Result<std::optional<Timestamp>> time_member(const json::Value& object, const char* key) {
    auto text = text_member(object, key, false);
    if (!text) return tl::unexpected(text.error());
    if (text->empty()) return std::optional<Timestamp>{};
    const auto time = parse_rfc3339(*text);
    if (!time) return refuse(ErrorCode::malformed, "must be a time", key);
    return std::optional(*time);
}

/// Takes members one after the other; the first that is not as documented is kept as the refusal.
class MemberReader {
 public:
    explicit MemberReader(const json::Value& object) : object_(object) {}

    std::string text(const char* key, bool required = true) {
        return taken(text_member(object_, key, required));
    }
    std::int64_t count(const char* key) { return taken(count_member(object_, key)); }
    Money amount(const char* key) { return taken(amount_member(object_, key)); }
    std::optional<Timestamp> time(const char* key) { return taken(time_member(object_, key)); }
    template <class IdType>
    std::optional<IdType> id(const char* key) {
        return taken(optional_id<IdType>(object_, key));
    }
    template <class IdType>
    IdType required_id(const char* key) {
        const auto found = id<IdType>(key);
        require(found.has_value(), key);
        return found.value_or(IdType());
    }
    std::optional<Money> optional_amount(const char* key) {
        return taken(detail::optional_amount(object_, key));
    }
    std::optional<Mchid> mchid() { return taken(either_mchid(object_)); }
    void require(bool holds, const char* key) {
        if (!holds && !refusal_) refusal_ = Error{ErrorCode::malformed, "is missing", key};
    }

    [[nodiscard]] const json::Value& object() const { return object_; }
    [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }

 private:
    template <class T>
    T taken(Result<T> result) {
        if (result) return std::move(*result);
        if (!refusal_) refusal_ = std::move(result.error());
        return T{};
    }

    const json::Value& object_;
    std::optional<Error> refusal_;
};

}  // namespace tixian::wechat::detail
