// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "wechat_bank/batch.hpp"
#include "wechat_bank/core.hpp"

namespace tixian::bank {

/// The older API's batches (wechat_spec 2): no user confirms, nothing can be cancelled, and each detail ends
/// for itself.
class BatchBook {
 public:
    [[nodiscard]] Answered<std::size_t> create(Core& core, const BatchOrder& order, Timestamp now);
    [[nodiscard]] Answered<std::size_t> query(const Core& core, const std::string& mchid,
                                              const std::string& out_batch_no, Timestamp now) const;
    [[nodiscard]] Answered<std::size_t> query_by_batch_id(const Core& core, const std::string& mchid,
                                                          const std::string& batch_id, Timestamp now) const;
    /// The payer confirms in WAIT_PAY.
    [[nodiscard]] Answered<std::size_t> pay(Core& core, const std::string& mchid,
                                            const std::string& out_batch_no, Timestamp now);
    /// WeChat closes it, as long as it is not paid.
    [[nodiscard]] Answered<std::size_t> close(Core& core, const std::string& mchid,
                                              const std::string& out_batch_no, const std::string& reason,
                                              Timestamp now);
    /// Before the batch is finished, decides that this detail will fail.
    [[nodiscard]] Answered<std::size_t> fail_detail(const std::string& mchid, const std::string& out_batch_no,
                                                    const std::string& out_detail_no,
                                                    const std::string& fail_reason);
    /// Decides the same of a batch that may not be there yet.
    void doom_detail(const std::string& mchid, const std::string& out_batch_no,
                     const std::string& out_detail_no, const std::string& fail_reason);
    [[nodiscard]] std::optional<std::size_t> find_by_id(const std::string& mchid,
                                                        const std::string& batch_id) const;
    [[nodiscard]] std::optional<std::size_t> find(const std::string& mchid,
                                                  const std::string& out_batch_no) const;

    void step(Core& core, std::size_t index, Timestamp at);
    /// The account was topped up: what waits for money tries again at once.
    void retry_funds(Core& core, const std::string& mchid, Timestamp now);
    void notified(std::size_t index, int attempts, bool ok);
    void forget(Core& core, const std::string& mchid);

    [[nodiscard]] const Batch& batch(std::size_t index) const { return rows_[index].batch; }
    [[nodiscard]] bool is_forgotten(std::size_t index) const { return rows_[index].is_forgotten; }
    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    [[nodiscard]] std::size_t made_count() const { return rows_.size() + details_made_; }

 private:
    struct Row {
        Batch batch;
        std::size_t index = 0;
        std::optional<Timestamp> step_at;
        std::optional<Timestamp> timer;
        bool is_forgotten = false;
    };

    [[nodiscard]] std::optional<Refusal> refusal_of_new(Core& core, const BatchOrder& order,
                                                        Timestamp now) const;
    void move(Core& core, Row& row, BatchState state, Timestamp at, std::optional<Timestamp> step_at);
    void arm(Core& core, Row& row);
    void lock_funds(Core& core, Row& row, Timestamp at);
    void pay_details(Core& core, Row& row, Timestamp at);
    void close(Core& core, Row& row, const std::string& reason, Timestamp at);
    [[nodiscard]] std::string fail_reason(const Core& core, const Row& row, const DetailOrder& detail,
                                          Timestamp at) const;

    std::deque<Row> rows_;
    std::unordered_map<std::string, std::size_t> by_out_batch_no_;  // mchid/out_batch_no
    std::unordered_map<std::string, std::size_t> by_batch_id_;
    std::map<std::string, std::string> doomed_;  // mchid/out_batch_no/out_detail_no to fail reason
    std::size_t details_made_ = 0;
};

}  // namespace tixian::bank
