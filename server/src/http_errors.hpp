// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "tixian/error.hpp"

namespace tixian::server {

/// A refusal as the API shows it: HTTP status, stable code, words for people, and the field at fault.
struct Refusal {
    int status = 500;
    std::string code;
    std::string message;
    std::string field;
};

struct Reply {
    int status = 200;
    std::string json;
};

using Response = tl::expected<Reply, Refusal>;

[[nodiscard]] tl::unexpected<Refusal> refuse_with(int status, std::string code, std::string message,
                                                  std::string field = {});
/// The library's refusal as the API's.
[[nodiscard]] tl::unexpected<Refusal> refuse_with(const Error& error);

}  // namespace tixian::server
