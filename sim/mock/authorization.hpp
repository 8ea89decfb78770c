// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "mock/crypto.hpp"
#include "mock/http.hpp"
#include "mock/keys.hpp"
#include "tixian/clock.hpp"

namespace tixian::mock {

/// Checks the Authorization header as WeChat does. Answers nothing when the request is in order, else 401
/// SIGN_ERROR shaped like a real one (wechat_vectors.json, doc-sign-error-body).
[[nodiscard]] std::optional<Answer> check_authorization(const Request& request, const Identity& identity,
                                                        const RsaKey& merchant_certificate, Timestamp now);

}  // namespace tixian::mock
