// SPDX-License-Identifier: MIT
// Answers about batches, receipts, authorisations and files: read, or refused by name.
#include "input.hpp"
#include "tixian/wechat/batch_receipts.hpp"
#include "tixian/wechat/batch_report.hpp"
#include "tixian/wechat/download.hpp"
#include "tixian/wechat/json.hpp"
#include "tixian/wechat/receipts.hpp"
#include "tixian/wechat/user_authorization.hpp"
#include "tixian/wechat/user_authorization_requests.hpp"

namespace {

using namespace tixian;  // NOLINT: this is the program
using fuzz::require;

template <class T>
void check_refusal(const Result<T>& result) {
    if (result) return;
    require(result.error().code == ErrorCode::malformed || result.error().code == ErrorCode::not_allowed,
            "a refusal says that the form is wrong");
    require(!result.error().field.empty(), "a refusal names the member");
}

void check(const Result<wechat::Download>& download) {
    check_refusal(download);
    if (!download) return;
    require(download->target.starts_with('/') && download->target.find('#') == std::string::npos,
            "a file's address can be signed");
    require(download->origin.starts_with("http") && download->origin.find('/', 8) == std::string::npos,
            "a file's host is only that");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto answer = json::parse(fuzz::Input(data, size).rest());
    if (!answer) return 0;
    check(wechat::parse_download(*answer));
    check_refusal(wechat::parse_receipt(*answer));
    check_refusal(wechat::parse_batch_receipt(*answer));
    check_refusal(wechat::parse_created_batch(*answer));
    check_refusal(wechat::parse_batch(*answer));
    check_refusal(wechat::parse_detail(*answer));
    check_refusal(wechat::parse_user_authorization(*answer));
    check_refusal(wechat::parse_transfer_asking_authorization(*answer));
    check_refusal(wechat::parse_authorized_transfer(*answer));
    return 0;
}
