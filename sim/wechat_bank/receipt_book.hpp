// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <unordered_map>
#include <utility>

#include "wechat_bank/core.hpp"
#include "wechat_bank/receipt.hpp"

namespace tixian::bank {

/// Receipts that were asked for. They need no agenda: their state follows from when that was.
class ReceiptBook {
 public:
    /// Asking again answers what is there, and begins anew once that has failed or is no longer valid.
    [[nodiscard]] Receipt ask(const Core& core, const std::string& mchid, const std::string& subject,
                              std::string content, Timestamp now) {
        Asked& asked = asked_[key_of(mchid, subject)];
        const bool has_failed = !asked.fail_reason.empty() && now - asked.at >= core.terms.receipt_after;
        const bool is_over = now - asked.at > core.terms.receipt_valid || has_failed;
        if (asked.content.empty() || is_over) {
            asked = {now, std::move(content), {}};
            if (auto doom = doomed_.extract(key_of(mchid, subject))) asked.fail_reason = doom.mapped();
        }
        return receipt(core, mchid, subject, asked, now);
    }

    /// The one that is asked for next will fail.
    void doom(const std::string& mchid, const std::string& subject, const std::string& fail_reason) {
        doomed_[key_of(mchid, subject)] = fail_reason;
    }

    [[nodiscard]] Answered<Receipt> query(const Core& core, const std::string& mchid,
                                          const std::string& subject, Timestamp now) const {
        const auto found = asked_.find(key_of(mchid, subject));
        const bool is_valid = found != asked_.end() && now - found->second.at <= core.terms.receipt_valid;
        if (!is_valid) return not_found();
        return receipt(core, mchid, subject, found->second, now);
    }

    void forget(const std::string& mchid) {
        const auto is_his = [&](const auto& entry) { return entry.first.starts_with(key_of(mchid, "")); };
        std::erase_if(asked_, is_his);
        std::erase_if(doomed_, is_his);
    }

 private:
    struct Asked {
        Timestamp at;
        std::string content;
        std::string fail_reason;  ///< what it will end with; empty: it succeeds
    };

    [[nodiscard]] static Receipt receipt(const Core& core, const std::string& mchid,
                                         const std::string& subject, const Asked& asked, Timestamp now) {
        Receipt receipt{mchid, subject, ReceiptState::generating, asked.at, asked.at, "", ""};
        if (now - asked.at < core.terms.receipt_after) return receipt;
        receipt.updated_at = asked.at + core.terms.receipt_after;
        receipt.state = asked.fail_reason.empty() ? ReceiptState::finished : ReceiptState::failed;
        receipt.fail_reason = asked.fail_reason;
        if (receipt.state == ReceiptState::finished) receipt.content = asked.content;
        return receipt;
    }

    // Both by mchid/subject.
    std::unordered_map<std::string, Asked> asked_;
    std::unordered_map<std::string, std::string> doomed_;
};

}  // namespace tixian::bank
