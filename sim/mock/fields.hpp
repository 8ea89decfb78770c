// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/http.hpp"
#include "tixian/money.hpp"

namespace tixian::mock {

enum class Presence { required, optional };

/// Reads the fields of a JSON object as WeChat does: what it does not know it overlooks, and the first
/// problem is the one that it answers. After a problem every read answers an empty value. Lives no longer
/// than the request.
class Fields {
 public:
    /// Of the body; it is a problem when that is no JSON object.
    explicit Fields(const Request& request);
    /// A null object has no fields.
    Fields(const nlohmann::json* object, std::string pointer)
        : object_(object), pointer_(std::move(pointer)) {}

    /// At most `length_max` characters; a required one is not empty.
    [[nodiscard]] std::string text(const char* key, std::size_t length_max, Presence presence);
    /// Letters and digits, at most 32 (`length_min` at least): every number that a merchant makes.
    [[nodiscard]] std::string number(const char* key, std::size_t length_min);
    /// Whole fen, not below zero.
    [[nodiscard]] Money amount(const char* key);
    [[nodiscard]] std::int64_t integer(const char* key);
    [[nodiscard]] Fields object(const char* key, Presence presence);
    /// The entries of an array of objects; `missing` words that there is none.
    [[nodiscard]] std::vector<Fields> objects(const char* key, Presence presence,
                                              const char* missing = "缺少必填参数");
    [[nodiscard]] bool has(const char* key) const;

    void refuse(const char* key, std::string_view issue);
    void refuse(Answer problem) {
        if (!problem_) problem_ = std::move(problem);
    }
    /// Takes over the problem of a part.
    void join(const Fields& part) {
        if (part.problem_) refuse(*part.problem_);
    }
    [[nodiscard]] bool is_ok() const { return !problem_; }
    [[nodiscard]] const std::optional<Answer>& problem() const { return problem_; }
    [[nodiscard]] std::string pointer(const char* key) const { return pointer_ + "/" + key; }

 private:
    [[nodiscard]] const nlohmann::json* find(const char* key) const;
    [[nodiscard]] const nlohmann::json* find(const char* key, Presence presence,
                                             const char* missing = "缺少必填参数");

    const nlohmann::json* object_;
    std::string pointer_;
    std::optional<Answer> problem_;
};

/// [0-9A-Za-z]{1,32}
[[nodiscard]] bool is_merchant_number(std::string_view text);

}  // namespace tixian::mock
