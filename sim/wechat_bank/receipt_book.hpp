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
    /// Asking again answers what is there, and begins anew once that is no longer valid.
    [[nodiscard]] Receipt ask(const Core& core, const std::string& mchid, const std::string& subject,
                              std::string content, Timestamp now) {
        Asked& asked = asked_[key_of(mchid, subject)];
        const bool is_over = now - asked.at > core.terms.receipt_valid;
        if (asked.content.empty() || is_over) asked = {now, std::move(content)};
        return receipt(core, mchid, subject, asked, now);
    }

    [[nodiscard]] Answered<Receipt> query(const Core& core, const std::string& mchid,
                                          const std::string& subject, Timestamp now) const {
        const auto found = asked_.find(key_of(mchid, subject));
        const bool is_valid = found != asked_.end() && now - found->second.at <= core.terms.receipt_valid;
        if (!is_valid) return not_found();
        return receipt(core, mchid, subject, found->second, now);
    }

    void forget(const std::string& mchid) {
        std::erase_if(asked_, [&](const auto& entry) { return entry.first.starts_with(mchid + '/'); });
    }

 private:
    struct Asked {
        Timestamp at;
        std::string content;
    };

    [[nodiscard]] static Receipt receipt(const Core& core, const std::string& mchid,
                                         const std::string& subject, const Asked& asked, Timestamp now) {
        Receipt receipt{mchid, subject, ReceiptState::generating, asked.at, asked.at, ""};
        if (now - asked.at >= core.terms.receipt_after) {
            receipt.state = ReceiptState::finished;
            receipt.updated_at = asked.at + core.terms.receipt_after;
            receipt.content = asked.content;
        }
        return receipt;
    }

    std::unordered_map<std::string, Asked> asked_;  // mchid/subject
};

}  // namespace tixian::bank
