// SPDX-License-Identifier: MIT
#include "tixian/wechat/receipts.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tixian/wechat/batch_receipts.hpp"
#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using namespace std::chrono_literals;

const std::string hash = "de731f35146a0befade5db9d1e468d96c01ca8898119c674fee9f11f4dbe5529";
const std::string url =
    "https://api.mch.weixin.qq.com/v3/transferbilldownload/elecvoucherfile?source=elecsign&token=xxx";

class ReceiptsTest : public ::testing::Test {
 protected:
    template <class Parse>
    [[nodiscard]] auto read(const std::string& body, const Parse& parse) const {
        return read_answer(wechat_.keys, wechat_.respond(200, body), parse);
    }
    /// What is wrong with an answer; empty when nothing is.
    template <class Parse>
    [[nodiscard]] std::string refusal(const std::string& body, const Parse& parse) const {
        const auto answer = read(body, parse);
        return answer ? "" : answer.error().code + ": " + answer.error().message;
    }

    WechatSide wechat_;
    const WithdrawalId id_ = MerchantSide::withdrawal().id;
    const Download download_{HashType::sha256, hash, "https://api.mch.weixin.qq.com",
                             "/v3/transferbilldownload/elecvoucherfile?source=elecsign&token=xxx"};
};

std::string described(const ApiRequest& request) {
    return request.method + " " + request.url + " " + request.body;
}

TEST_F(ReceiptsTest, AreAskedForAndAfterByEitherNumber) {
    const auto number = TransferBillNo::parse("1330007207748652509220033044174083").value();

    EXPECT_EQ(described(receipt_application(id_)),
              "POST /v3/fund-app/mch-transfer/elecsign/out-bill-no "
              R"({"out_bill_no":"WD20250101123456ABCDEF123456"})");
    EXPECT_EQ(described(receipt_query(id_)),
              "GET /v3/fund-app/mch-transfer/elecsign/out-bill-no/WD20250101123456ABCDEF123456 ");
    EXPECT_EQ(described(receipt_application(number)),
              "POST /v3/fund-app/mch-transfer/elecsign/transfer-bill-no "
              R"({"transfer_bill_no":"1330007207748652509220033044174083"})");
    EXPECT_EQ(described(receipt_query(number)),
              "GET /v3/fund-app/mch-transfer/elecsign/transfer-bill-no/1330007207748652509220033044174083 ");
}

TEST(DigestTest, OfWhatWasMovedAwayIsNoHash) {
    Digest first(HashType::sha1);
    first.update("abc");
    Digest second(std::move(first));

    first.update("abc");  // NOLINT(bugprone-use-after-move): that is the point
    EXPECT_EQ(first.finish(), "");
    EXPECT_EQ(second.finish(), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_F(ReceiptsTest, RefuseANumberThatWouldChangeTheAddress) {
    for (const char* number : {"", "1/../2", "1?x", "1 2", "1_2"})
        EXPECT_EQ(TransferBillNo::parse(number).error().field, "transfer_bill_no") << number;
    EXPECT_TRUE(TransferBillNo::parse(std::string(64, '1')).has_value());
    EXPECT_FALSE(TransferBillNo::parse(std::string(65, '1')).has_value());
}

TEST_F(ReceiptsTest, ReadEachState) {
    const std::string times =
        R"("create_time":"2015-05-20T13:29:35.120+08:00","update_time":"2015-05-20T13:29:35+08:00")";
    const auto generating = read(R"({"state":"GENERATING",)" + times + "}", parse_receipt).value();
    const auto failed =
        read(R"({"state":"FAILED","fail_reason":"转账单据不存在",)" + times + "}", parse_receipt).value();
    const auto finished = read(R"({"state":"FINISHED","hash_type":"SHA256","hash_value":")" + hash +
                                   R"(","download_url":")" + url + "\"}",
                               parse_receipt)
                              .value();
    const auto applied = read(R"({"state":"FINISHED"})", parse_receipt).value();

    EXPECT_EQ(generating, (ElectronicReceipt{ReceiptState::generating, "GENERATING", "", {}}));
    EXPECT_EQ(failed, (ElectronicReceipt{ReceiptState::failed, "FAILED", "转账单据不存在", {}}));
    EXPECT_EQ(finished, (ElectronicReceipt{ReceiptState::finished, "FINISHED", "", download_}));
    EXPECT_EQ(applied, (ElectronicReceipt{ReceiptState::finished, "FINISHED", "", {}}));
}

TEST_F(ReceiptsTest, KeepAnUnknownStateRaw) {
    EXPECT_EQ(read(R"({"state":"ARCHIVED"})", parse_receipt).value(),
              (ElectronicReceipt{ReceiptState::unknown, "ARCHIVED", "", {}}));
    EXPECT_EQ(read(R"({"state":"UNKNOWN"})", parse_receipt).value().state, ReceiptState::unknown);
    EXPECT_EQ(read(R"({"signature_no":"1","signature_status":"NEW"})", parse_batch_receipt).value().raw_state,
              "NEW");
}

TEST_F(ReceiptsTest, RefuseWhatIsNotOfTheDocumentedFormNamingTheField) {
    const auto with_hash = [](const std::string& type) {
        return R"({"state":"FINISHED","hash_type":")" + type + R"(","hash_value":")" + hash +
               R"(","download_url":")" + url + "\"}";
    };

    EXPECT_EQ(refusal("{}", parse_receipt), "malformed: state must be a string");
    EXPECT_EQ(refusal(R"({"state":1})", parse_receipt), "malformed: state must be a string");
    EXPECT_EQ(refusal(R"({"state":"FAILED","fail_reason":[]})", parse_receipt),
              "malformed: fail_reason must be a string");
    EXPECT_EQ(refusal(with_hash("SM3"), parse_receipt), "not_allowed: hash_type SM3 is not supported");
    EXPECT_EQ(refusal(with_hash("MD5"), parse_receipt), "malformed: hash_type must be SHA1 or SHA256");
    EXPECT_EQ(refusal(R"({"state":"FINISHED","download_url":"https://h/f"})", parse_receipt),
              "malformed: hash_type must be a string");
    EXPECT_EQ(refusal(R"({"signature_no":"1"})", parse_batch_receipt),
              "malformed: signature_status must be a string");
}

TEST_F(ReceiptsTest, AreMadeOnlyOfWhatWasPaidUnderARealNameWithinHalfAYear) {
    Withdrawal w = MerchantSide::withdrawal();
    w.state = State::succeeded;
    w.submission.key_serial = "PUB_KEY_ID_1";
    w.completed_at = Timestamp(0ms);
    const Timestamp last = *w.completed_at + std::chrono::days(180);
    Withdrawal failed = w, nameless = w;
    failed.state = State::failed;
    nameless.submission.key_serial.clear();

    EXPECT_TRUE(check_receipt(w, last).has_value());
    EXPECT_EQ(check_receipt(w, last + 1ms).error().field, "completed_at");
    EXPECT_EQ(check_receipt(failed, last).error().field, "state");
    EXPECT_EQ(check_receipt(nameless, last).error().field, "user_name");
}

TEST_F(ReceiptsTest, OfTheOlderApiAreAskedForByBatchAndByDetail) {
    EXPECT_EQ(described(batch_receipt_application(id_)),
              R"(POST /v3/transfer/bill-receipt {"out_batch_no":"WD20250101123456ABCDEF123456"})");
    EXPECT_EQ(described(batch_receipt_query(id_)),
              "GET /v3/transfer/bill-receipt/WD20250101123456ABCDEF123456 ");
    EXPECT_EQ(
        described(detail_receipt_application(id_)),
        R"(POST /v3/transfer-detail/electronic-receipts {"accept_type":"BATCH_TRANSFER",)"
        R"("out_batch_no":"WD20250101123456ABCDEF123456","out_detail_no":"WD20250101123456ABCDEF123456"})");
    EXPECT_EQ(described(detail_receipt_query(id_, ReceiptSubject::transfer_to_pocket)),
              "GET /v3/transfer-detail/electronic-receipts?accept_type=TRANSFER_TO_POCKET"
              "&out_batch_no=WD20250101123456ABCDEF123456&out_detail_no=WD20250101123456ABCDEF123456 ");
    EXPECT_EQ(name(ReceiptSubject::transfer_to_bank), "TRANSFER_TO_BANK");
}

TEST_F(ReceiptsTest, OfTheOlderApiAreRead) {
    EXPECT_EQ(
        read(R"({"out_batch_no":"b","signature_no":"1","signature_status":"ACCEPTED"})", parse_batch_receipt)
            .value(),
        (ElectronicReceipt{ReceiptState::generating, "ACCEPTED", "", {}}));
    EXPECT_EQ(
        read(R"({"signature_no":"1","signature_status":"FINISHED","hash_type":"SHA256","hash_value":")" +
                 hash + R"(","download_url":")" + url + "\"}",
             parse_batch_receipt)
            .value(),
        (ElectronicReceipt{ReceiptState::finished, "FINISHED", "", download_}));
}

}  // namespace
}  // namespace tixian::wechat
