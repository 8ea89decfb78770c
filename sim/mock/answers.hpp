// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "mock/crypto.hpp"
#include "mock/http.hpp"
#include "tixian/clock.hpp"

#include "wechat_bank/bill.hpp"

namespace tixian::mock {

/// The answer of a create: with package_info only while the confirm page can be opened (wechat_spec 1.2).
[[nodiscard]] Answer create_answer(const bank::Bill& bill);
/// The answer of a query; a name goes back encrypted to the merchant's certificate (wechat_spec 1.3).
[[nodiscard]] Answer query_answer(const bank::Bill& bill, const RsaKey& merchant_certificate);
[[nodiscard]] Answer cancel_answer(const bank::Bill& bill);

[[nodiscard]] Answer error_answer(int status, std::string_view code, std::string_view message);
[[nodiscard]] Answer refusal_answer(const bank::Refusal& refusal);
/// 400 PARAM_ERROR; `field` is a JSON pointer into the body, or a header or path part when `location` says
/// so.
[[nodiscard]] Answer param_error(std::string_view field, std::string_view issue,
                                 std::string_view location = "body");

/// The plain text of a MCHTRANSFER.BILL.FINISHED notification, and the envelope around its encryption.
[[nodiscard]] std::string notification_plain(const bank::Bill& bill);
[[nodiscard]] std::string notification_body(const std::string& id, const bank::Bill& bill,
                                            const std::string& apiv3_key);

/// A bill as the control endpoints show it: everything.
[[nodiscard]] std::string bill_json(const bank::Bill& bill);

}  // namespace tixian::mock
