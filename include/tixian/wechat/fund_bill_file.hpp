// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "tixian/error.hpp"
#include "tixian/wechat/digest.hpp"
#include "tixian/wechat/download.hpp"
#include "tixian/wechat/fund_bill.hpp"
#include "tixian/wechat/gunzip.hpp"

namespace tixian::wechat {

/// Reads a downloaded bill as its packed bytes come, in pieces of any size and in constant memory: unpacks,
/// hashes and parses. What is handed out is provisional until finish() succeeds. One thread at a time.
class FundBillFile {
 public:
    static constexpr std::size_t text_bytes_max = std::size_t{1} << 30;

    FundBillFile(Download download, FundBillParser::OnFlow on_flow, std::size_t bytes_max = text_bytes_max)
        : download_(std::move(download)),
          digest_(download_.hash_type),
          parser_(std::move(on_flow)),
          gunzip_(bytes_max, [this](std::string_view text) {
              digest_.update(text);
              return parser_.feed(text);
          }) {}
    FundBillFile(const FundBillFile&) = delete;
    FundBillFile& operator=(const FundBillFile&) = delete;

    /// Refuses (`malformed`) what is not gzip, unpacks to more than `bytes_max`, or is no bill; after that it
    /// refuses everything.
    [[nodiscard]] Result<void> feed(std::string_view piece) { return gunzip_.feed(piece); }

    /// The bill's summary. Refuses a file that was cut off (`malformed`) or is not the one that WeChat named
    /// (`bad_hash`). Only once.
    [[nodiscard]] Result<FundBillSummary> finish() {
        return gunzip_.finish()
            .and_then([&] { return check_hash(download_, std::move(digest_)); })
            .and_then([&] { return parser_.finish(); });
    }

 private:
    Download download_;
    Digest digest_;
    FundBillParser parser_;
    Gunzip gunzip_;
};

}  // namespace tixian::wechat
