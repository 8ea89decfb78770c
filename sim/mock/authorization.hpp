// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "mock/http.hpp"
#include "mock/merchant.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// Checks the Authorization header as WeChat does. Answers nothing when the request is in order, else 401
/// SIGN_ERROR shaped like a real one (wechat_vectors.json, doc-sign-error-body). `merchant` becomes the one
/// whom the header names (with `checks_signature` off, that is all that is checked), also when the request is
/// refused; null when there is none.
[[nodiscard]] std::optional<Answer> check_authorization(const Request& request, const Merchants& merchants,
                                                        Timestamp now, bool checks_signature,
                                                        Merchants::Known& merchant);

}  // namespace tixian::mock
