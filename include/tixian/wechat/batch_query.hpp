// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tixian/enum_text.hpp"
#include "tixian/error.hpp"
#include "tixian/ids.hpp"
#include "tixian/wechat/batch_report.hpp"
#include "tixian/wechat/exchange.hpp"

namespace tixian::wechat {

inline constexpr std::string_view batches_path = "/v3/transfer/batches";

/// Which details of a batch to list.
enum class DetailFilter { all, success, fail, wait_pay };

namespace detail {
inline constexpr tixian::detail::EnumText<DetailFilter, 4> detail_filter_text{
    {"ALL", "SUCCESS", "FAIL", "WAIT_PAY"}};
}
[[nodiscard]] constexpr std::string_view name(DetailFilter filter) {
    return detail::detail_filter_text.name(filter);
}

/// A page of a batch's details; WeChat lists them once the batch is FINISHED (wechat_spec 2). A batch of ours
/// has one detail, so the default holds it.
struct DetailPage {
    static constexpr int limit_least = 20, limit_most = 100;

    int offset = 0;
    int limit = limit_least;
    DetailFilter filter = DetailFilter::all;
};

namespace detail {

inline Result<ApiRequest> batch_query(std::string_view by, const std::string& number,
                                      const DetailPage& page) {
    if (page.offset < 0) return refuse(ErrorCode::invalid_argument, "offset must not be negative", "offset");
    if (page.limit < DetailPage::limit_least || page.limit > DetailPage::limit_most)
        return refuse(ErrorCode::invalid_argument, "limit must be 20 to 100", "limit");
    return ApiRequest{
        "GET",
        with_query(join({batches_path, "/", by, "/", number}), {{"need_query_detail", "true"},
                                                                {"offset", std::to_string(page.offset)},
                                                                {"limit", std::to_string(page.limit)},
                                                                {"detail_status", name(page.filter)}}),
        {},
        {}};
}

}  // namespace detail

/// Asks for a batch; parse_batch() reads the answer. Refuses (`invalid_argument`) a page out of bounds,
/// naming the field.
[[nodiscard]] inline Result<ApiRequest> batch_query(const WithdrawalId& id, const DetailPage& page = {}) {
    return detail::batch_query("out-batch-no", id.text(), page);
}
[[nodiscard]] inline Result<ApiRequest> batch_query(const BatchId& id, const DetailPage& page = {}) {
    return detail::batch_query("batch-id", id.text(), page);
}

/// Asks for the one detail of a withdrawal's batch; parse_detail() reads the answer.
[[nodiscard]] inline ApiRequest detail_query(const WithdrawalId& id) {
    return {"GET",
            detail::join({batches_path, "/out-batch-no/", id.text(), "/details/out-detail-no/", id.text()}),
            {},
            {}};
}
[[nodiscard]] inline ApiRequest detail_query(const BatchId& batch, const DetailId& id) {
    return {"GET",
            detail::join({batches_path, "/batch-id/", batch.text(), "/details/detail-id/", id.text()}),
            {},
            {}};
}

}  // namespace tixian::wechat
