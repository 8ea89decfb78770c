// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace tixian::bank {

/// A refusal as WeChat words it; `status` is the HTTP status.
struct Refusal {
    int status = 0;
    std::string code;
    std::string message;
};

template <class T>
using Answered = tl::expected<T, Refusal>;

[[nodiscard]] inline tl::unexpected<Refusal> refused(int status, std::string code, std::string message) {
    return tl::unexpected<Refusal>(Refusal{status, std::move(code), std::move(message)});
}

[[nodiscard]] inline tl::unexpected<Refusal> not_found() { return refused(404, "NOT_FOUND", "记录不存在"); }

/// What the same number with other content is answered by default (wechat_spec 1.2).
[[nodiscard]] inline tl::unexpected<Refusal> number_taken() {
    return refused(400, "INVALID_REQUEST", "单号已存在但信息不一致，请查单后比较确认");
}

[[nodiscard]] inline tl::unexpected<Refusal> not_enough() {
    return refused(403, "NOT_ENOUGH", "商户运营账户资金不足，请充值后原单重试");
}

}  // namespace tixian::bank
