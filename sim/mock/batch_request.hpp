// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "mock/call.hpp"

#include "wechat_bank/batch.hpp"

namespace tixian::mock {

/// Reads and checks the body of a batch as WeChat does (wechat_spec 2), or answers its refusal.
[[nodiscard]] tl::expected<bank::BatchOrder, Answer> parse_batch_request(const Call& call);

/// What of a batch a query wants to see (wechat_spec 2, Paging).
struct BatchPage {
    bool with_details = false;
    std::size_t offset = 0;
    std::size_t limit = 20;
    std::optional<bank::DetailState> state;  ///< none: all
};

[[nodiscard]] tl::expected<BatchPage, Answer> parse_batch_page(const Call& call);

}  // namespace tixian::mock
