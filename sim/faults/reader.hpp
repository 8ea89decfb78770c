// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tixian/clock.hpp"
#include "tixian/error.hpp"
#include "tixian/money.hpp"

#include "faults/node.hpp"

namespace tixian::faults {

/// The first thing that is wrong in a document. `field` of the error is the path of the key.
class Problem {
 public:
    void tell(int line, const std::string& path, const std::string& message);
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
    std::optional<Error> error_;
};

/// `, did you mean "count"?` when one of the candidates is near, else nothing.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

/// Reads the keys of one table. A key that is not there leaves its target as it is; one that is wrong is told
/// to the problem; done() tells of keys that nobody asked for. The problem must outlive the reader.
class Reader {
 public:
    Reader(const Node& node, std::string path, Problem& problem);

    bool flag(std::string_view key, bool& target);
    bool number(std::string_view key, std::int64_t min, std::int64_t max, std::int64_t& target);
    bool text(std::string_view key, std::size_t length_max, std::string& target);
    bool duration(std::string_view key, Duration min, Duration max, Duration& target);
    /// Whole fen.
    bool money(std::string_view key, Money& target);
    /// Calls read(element, its path) for each element of an array.
    void each(std::string_view key, const std::function<void(const Node&, const std::string&)>& read);
    /// Nothing when the key is not there.
    [[nodiscard]] std::optional<Reader> table(std::string_view key);
    /// The value as it is; null when the key is not there.
    [[nodiscard]] const Node* any(std::string_view key);

    /// To be called when all keys were read.
    void done();
    /// Tells that the value of `key`, or the whole table when it is empty, is wrong.
    void tell(std::string_view key, const std::string& message);
    [[nodiscard]] const std::vector<std::string>& keys() const { return present_; }

 private:
    [[nodiscard]] std::string path_of(std::string_view key) const;

    const Node::Object* object_ = nullptr;
    int line_ = 0;
    std::string path_;
    Problem& problem_;
    std::vector<std::string> present_;
    std::vector<std::string_view> asked_;
};

}  // namespace tixian::faults
