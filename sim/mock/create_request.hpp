// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "mock/crypto.hpp"
#include "mock/http.hpp"
#include "mock/keys.hpp"
#include "tixian/money.hpp"

#include "wechat_bank/bill.hpp"

namespace tixian::mock {

/// What a create request is checked against.
struct CreateRules {
    Identity identity;
    RsaKey wechatpay_key;  ///< decrypts names
};

/// Reads and checks the body of a create as WeChat does (wechat_spec 1.2, 1.4), or answers its refusal.
/// Fields that WeChat does not know are overlooked.
[[nodiscard]] tl::expected<bank::Order, Answer> parse_create_request(const Request& request,
                                                                     const CreateRules& rules);

/// [0-9A-Za-z]{1,32}
[[nodiscard]] bool is_out_bill_no(std::string_view text);

}  // namespace tixian::mock
