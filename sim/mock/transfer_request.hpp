// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "mock/call.hpp"
#include "mock/fields.hpp"

#include "wechat_bank/bill.hpp"

namespace tixian::mock {

/// Which create it is (wechat_spec 1.1 A, H, L).
enum class TransferKind { plain, with_authorization, authorized };

/// Reads and checks the body of a create as WeChat does (wechat_spec 1.2, 1.4, 1.7), or answers its refusal.
/// An authorized one names the authorisation as it came: `authorization_id`, or else the merchant's number in
/// `wish.out_authorization_no`.
[[nodiscard]] tl::expected<bank::Order, Answer> parse_transfer_request(const Asked& call, TransferKind kind);

/// The plain name of an encrypted one; empty when there is none. Problems are put into `fields`.
[[nodiscard]] std::string take_name(Fields& fields, const Asked& call, Money amount);
/// A notify_url, under the given key.
[[nodiscard]] std::string take_notify_url(Fields& fields, const Asked& call, const char* key,
                                          Presence presence);
void check_appid(Fields& fields, const Asked& call, const std::string& appid);
/// The scene's allowed texts; an empty one is the default.
void check_perception(Fields& fields, const std::string& scene_id, const std::string& perception);

}  // namespace tixian::mock
