// SPDX-License-Identifier: MIT
// What a receipt says, and of what there is one (wechat_spec 1.8, 2).
#include "wechat_bank/bank.hpp"

namespace tixian::bank {
namespace {

tl::unexpected<Refusal> no_receipt(const char* why) { return refused(400, "INVALID_REQUEST", why); }

std::string line(std::string_view label, std::string_view value) {
    return std::string(label) + "：" + std::string(value) + "\n";
}

std::string heading() { return "微信支付 转账电子凭证（模拟）\n"; }

std::string content_of(const Bill& bill) {
    return heading() + line("商户号", bill.order.mchid) + line("商户单号", bill.order.out_bill_no) +
           line("微信转账单号", bill.transfer_bill_no) + line("收款用户", bill.order.user_name) +
           line("转账金额(元)", bill.order.amount.yuan()) + line("转账备注", bill.order.remark) +
           line("完成时间", day_and_time_text(bill.updated_at));
}

std::string content_of(const Batch& batch) {
    return heading() + line("商户号", batch.order.mchid) + line("商家批次单号", batch.order.out_batch_no) +
           line("微信批次单号", batch.batch_id) +
           line("成功笔数", std::to_string(batch.part(DetailState::success).count)) +
           line("成功金额(元)", batch.part(DetailState::success).amount.yuan()) +
           line("完成时间", day_and_time_text(batch.updated_at));
}

std::string content_of(const BatchDetail& detail) {
    return heading() + line("商户号", detail.batch.order.mchid) +
           line("商家明细单号", detail.order().out_detail_no) +
           line("微信明细单号", detail.detail().detail_id) + line("收款用户", detail.order().user_name) +
           line("转账金额(元)", detail.order().amount.yuan()) +
           line("完成时间", day_and_time_text(detail.detail().updated_at));
}

}  // namespace

Answered<Receipt> Bank::ask_receipt(const Bill& bill, Timestamp now) {
    advance(now);
    if (bill.state != BillState::success) return no_receipt("转账单据未成功，不支持申请电子凭证");
    if (bill.order.user_name.empty()) return no_receipt("转账时未传入收款用户姓名，不支持申请电子凭证");
    if (now - bill.created_at > core_.terms.receipt_horizon) {
        return no_receipt("转账单据超过6个月，不支持申请电子凭证");
    }
    return receipts_.ask(core_, bill.order.mchid, bill.transfer_bill_no, content_of(bill), now);
}

Answered<Receipt> Bank::ask_receipt(const Batch& batch, Timestamp now) {
    advance(now);
    if (batch.state != BatchState::finished) return no_receipt("批次未完成，不支持申请电子回单");
    if (now - batch.created_at > core_.terms.receipt_horizon) {
        return no_receipt("批次超过6个月，不支持申请电子回单");
    }
    return receipts_.ask(core_, batch.order.mchid, batch.batch_id, content_of(batch), now);
}

Answered<Receipt> Bank::ask_receipt(const BatchDetail& detail, Timestamp now) {
    advance(now);
    if (detail.detail().state != DetailState::success) {
        return no_receipt("明细单未成功，不支持申请电子回单");
    }
    if (now - detail.batch.created_at > core_.terms.receipt_horizon) {
        return no_receipt("明细单超过6个月，不支持申请电子回单");
    }
    return receipts_.ask(core_, detail.batch.order.mchid, detail.detail().detail_id, content_of(detail), now);
}

Answered<Receipt> Bank::query_receipt(const std::string& mchid, const std::string& subject, Timestamp now) {
    advance(now);
    return receipts_.query(core_, mchid, subject, now);
}

Answered<Bill> Bank::fail_receipt(const std::string& mchid, const std::string& out_bill_no,
                                  const std::string& fail_reason, Timestamp now) {
    advance(now);
    const Bill* bill = bill_of(mchid, out_bill_no);
    if (bill == nullptr) return not_found();
    receipts_.doom(mchid, bill->transfer_bill_no, fail_reason);
    return *bill;
}

}  // namespace tixian::bank
