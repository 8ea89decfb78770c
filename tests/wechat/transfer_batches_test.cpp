// SPDX-License-Identifier: MIT
#include "tixian/wechat/transfer_batches.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../classified.hpp"
#include "tixian/memory/memory_ledger.hpp"
#include "tixian/tixian.hpp"
#include "wechat_side.hpp"

namespace tixian::wechat {
namespace {

using namespace std::chrono_literals;

const std::string number = "WD20250101123456ABCDEF123456";
const std::string detail_id = "1040000071100999991182020050700019500100";

class TransferBatchesTest : public ::testing::Test {
 protected:
    explicit TransferBatchesTest(bool unsigned_errors = false)
        : batches_(MerchantSide::merchant(unsigned_errors), terms(), merchant_.signer, wechat_.keys,
                   merchant_.random) {}

    static BatchTerms terms() { return {"旧衣回收款", "1001"}; }

    [[nodiscard]] Call call(CallKind kind, const std::string& detail = "") const {
        Call c = merchant_.call(CallKind::query);
        c.kind = kind;
        c.destination = batches_.destination();
        if (kind == CallKind::submit)
            c.submission = batches_.compose(MerchantSide::withdrawal(), MerchantSide::now).value();
        c.wechat_detail_id = detail;
        return c;
    }
    [[nodiscard]] Answer answer(const Call& call, int status, const std::string& body) const {
        return batches_.answer(call, wechat_.respond(status, body));
    }
    [[nodiscard]] static NoNews no_news(const Answer& answer) {
        const auto* news = std::get_if<NoNews>(&answer.result);
        EXPECT_NE(news, nullptr);
        if (news != nullptr) expect_classified(answer.kind, *news);
        return news != nullptr ? *news : NoNews{};
    }
    [[nodiscard]] Report reported(const Call& call, const std::string& body) const {
        const Answer a = answer(call, 200, body);
        const auto* report = std::get_if<Report>(&a.result);
        EXPECT_NE(report, nullptr) << body << " " << (report == nullptr ? no_news(a).message : "");
        return report != nullptr ? *report : Report{};
    }

    /// The reply to a query of the batch.
    static std::string batch(const std::string& status, const std::string& more = "",
                             const std::string& details = "") {
        return R"({"transfer_batch":{"mchid":"1900000001","out_batch_no":")" + number +
               R"(","batch_id":"1030000071100999991182020050700019480001","appid":"wxf636efh567hg4356","batch_status":")" +
               status +
               R"(","batch_type":"API","batch_name":"n","batch_remark":"r","total_amount":1234,"total_num":1)" +
               more + "}" + (details.empty() ? "" : R"(,"transfer_detail_list":[)" + details + "]") +
               R"(,"offset":0,"limit":20})";
    }
    static std::string line(const std::string& status, const std::string& out_detail_no = number) {
        return R"({"detail_id":")" + detail_id + R"(","out_detail_no":")" + out_detail_no +
               R"(","detail_status":")" + status + "\"}";
    }
    /// The reply to a query of the detail.
    static std::string detail(const std::string& status, const std::string& more = "") {
        return R"({"mchid":"1900000001","out_batch_no":")" + number +
               R"(","batch_id":"1030000071100999991182020050700019480001","appid":"wxf636efh567hg4356","out_detail_no":")" +
               number + R"(","detail_id":")" + detail_id + R"(","detail_status":")" + status +
               R"(","transfer_amount":1234,"transfer_remark":"提现","openid":"o-1")" + more +
               R"(,"initiate_time":"2025-01-01T12:00:00+08:00","update_time":"2025-01-01T12:00:00.120+08:00"})";
    }

    WechatSide wechat_;
    MerchantSide merchant_{wechat_.keys};
    TransferBatches batches_;
};

TEST_F(TransferBatchesTest, WriteTheCreateAsTheSheetHasIt) {
    EXPECT_EQ(
        batches_.compose(MerchantSide::withdrawal(), MerchantSide::now).value().body,
        R"({"appid":"wxf636efh567hg4356","out_batch_no":"WD20250101123456ABCDEF123456","batch_name":"旧衣回收款",)"
        R"("batch_remark":"提现","total_amount":1234,"total_num":1,"transfer_detail_list":[)"
        R"({"out_detail_no":"WD20250101123456ABCDEF123456","transfer_amount":1234,"transfer_remark":"提现","openid":"o-1"}],)"
        R"("transfer_scene_id":"1001","notify_url":"https://pay.example.com/notify"})");
}

TEST_F(TransferBatchesTest, LeaveOutWhatIsNotSet) {
    Merchant bare = MerchantSide::merchant(false);
    bare.notify_url.clear();
    const TransferBatches batches(bare, {}, merchant_.signer, wechat_.keys, merchant_.random);

    const auto body =
        nlohmann::json::parse(batches.compose(MerchantSide::withdrawal(), MerchantSide::now).value().body);

    EXPECT_FALSE(body.contains("transfer_scene_id"));
    EXPECT_FALSE(body.contains("notify_url"));
    EXPECT_EQ(body["batch_name"], "提现");
}

TEST_F(TransferBatchesTest, RefuseWhatWechatWouldNotTakeNamingTheField) {
    Order order = MerchantSide::withdrawal().order;
    const auto named = [&](const std::string& name, const std::string& scene = "") {
        const TransferBatches batches(MerchantSide::merchant(false), {name, scene}, merchant_.signer,
                                      wechat_.keys, merchant_.random);
        const auto checked = batches.check(order);
        return checked ? "" : checked.error().field;
    };
    std::string longest;
    for (int i = 0; i < 32; ++i) longest += "字";

    EXPECT_EQ(named(longest), "");
    EXPECT_EQ(named(longest + "字"), "batch_name");
    EXPECT_EQ(named(""), "batch_name");
    EXPECT_EQ(named("\xff"), "batch_name");
    EXPECT_EQ(named("n", std::string(36, '1')), "");
    EXPECT_EQ(named("n", std::string(37, '1')), "transfer_scene_id");
    order.remark = longest;
    EXPECT_EQ(named("n"), "");
    order.remark = longest + "字";
    EXPECT_EQ(named("n"), "remark");
    order.remark = "\xff";
    EXPECT_EQ(named("n"), "remark");
    order.remark.clear();
    order.amount = 9_fen;
    EXPECT_EQ(named("n"), "amount");
    order.amount = 200000_fen;
    EXPECT_EQ(batches_.check(order).error().code, ErrorCode::amount_above_maximum);
}

TEST_F(TransferBatchesTest, SendEachCallToItsPlace) {
    const HttpRequest submit = batches_.request(call(CallKind::submit)).value();
    const HttpRequest query = batches_.request(call(CallKind::query)).value();
    const HttpRequest of_detail = batches_.request(call(CallKind::query, detail_id)).value();

    EXPECT_EQ(submit.method + " " + submit.url, "POST /v3/transfer/batches");
    EXPECT_EQ(submit.body, call(CallKind::submit).submission.body);
    EXPECT_NE(submit.headers.get("Authorization").find("timestamp=\"1554208460\""), std::string::npos);
    EXPECT_EQ(query.method + " " + query.url,
              "GET /v3/transfer/batches/out-batch-no/" + number +
                  "?need_query_detail=true&offset=0&limit=20&detail_status=ALL");
    EXPECT_EQ(of_detail.method + " " + of_detail.url,
              "GET /v3/transfer/batches/out-batch-no/" + number + "/details/out-detail-no/" + number);
}

TEST_F(TransferBatchesTest, CannotBeCancelled) {
    EXPECT_FALSE(batches_.can_cancel());
    EXPECT_EQ(batches_.request(call(CallKind::cancel)).error().code, ErrorCode::not_allowed);
}

TEST_F(TransferBatchesTest, RefuseACallOfAnotherApi) {
    EXPECT_EQ(batches_.request(merchant_.call(CallKind::query)).error().code, ErrorCode::not_allowed);
}

TEST_F(TransferBatchesTest, KeepWithinTheRatesOfTheSheet) {
    EXPECT_EQ(batches_.calls_per_second(CallKind::submit), 50);
    EXPECT_EQ(batches_.calls_per_second(CallKind::query) + batches_.calls_per_second(CallKind::cancel), 50);
}

TEST_F(TransferBatchesTest, ReadTheReplyToACreateAsNoMoreThanTakenIn) {
    constexpr struct {
        const char* status;
        BillState state;
    } rows[] = {
        {"", BillState::accepted},
        {R"(,"batch_status":"ACCEPTED")", BillState::accepted},
        {R"(,"batch_status":"WAIT_PAY")", BillState::accepted},
        {R"(,"batch_status":"PROCESSING")", BillState::processing},
        {R"(,"batch_status":"FINISHED")", BillState::transfering},
        {R"(,"batch_status":"CLOSED")", BillState::processing},
        {R"(,"batch_status":"NEW")", BillState::unknown},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.status);
        const Report report = reported(
            call(CallKind::submit), R"({"out_batch_no":")" + number +
                                        R"(","batch_id":"1030","create_time":"2025-01-01T12:00:00+08:00")" +
                                        row.status + "}");
        EXPECT_EQ(report.id.text(), number);
        EXPECT_EQ(report.wechat_batch_id, "1030");
        EXPECT_EQ(name(report.state), name(row.state));
    }
}

TEST_F(TransferBatchesTest, ReadAQueryOfTheBatchAndNeverCallItPaid) {
    const struct {
        std::string body;
        BillState state;
        const char* detail;
        const char* reason;
    } rows[] = {
        {batch("WAIT_PAY"), BillState::accepted, "", ""},
        {batch("ACCEPTED"), BillState::accepted, "", ""},
        {batch("PROCESSING"), BillState::processing, "", ""},
        {batch("FINISHED"), BillState::transfering, "", ""},
        {batch("FINISHED", "", line("SUCCESS")), BillState::transfering, detail_id.c_str(), ""},
        {batch("FINISHED", "", line("FAIL")), BillState::transfering, detail_id.c_str(), ""},
        {batch("FINISHED", "", line("SUCCESS", "OTHER")), BillState::transfering, "", ""},
        {batch("CLOSED", R"(,"close_reason":"OVERDUE_CLOSE")"), BillState::fail, "", "OVERDUE_CLOSE"},
        {batch("CLOSED", R"(,"close_reason":"X","success_amount":0)"), BillState::fail, "", "X"},
        {batch("CLOSED", R"(,"close_reason":"X","success_amount":1)"), BillState::transfering, "", ""},
        {batch("ARCHIVED"), BillState::unknown, "", ""},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.body);
        const Report report = reported(call(CallKind::query), row.body);
        EXPECT_EQ(report.id.text(), number);
        EXPECT_EQ(name(report.state), name(row.state));
        EXPECT_EQ(report.wechat_batch_id, "1030000071100999991182020050700019480001");
        EXPECT_EQ(report.wechat_detail_id, row.detail);
        EXPECT_EQ(report.fail_reason, row.reason);
        EXPECT_EQ(report.mchid->text(), "1900000001");
        EXPECT_EQ(report.amount, 1234_fen);
    }
}

TEST_F(TransferBatchesTest, ReadAQueryOfTheDetailAsThePayoutsState) {
    constexpr struct {
        const char* status;
        BillState state;
    } rows[] = {
        {"INIT", BillState::accepted},
        {"WAIT_PAY", BillState::accepted},
        {"PROCESSING", BillState::processing},
        {"SUCCESS", BillState::success},
        {"FAIL", BillState::fail},
        {"RETURNED", BillState::unknown},
        {"UNKNOWN", BillState::unknown},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.status);
        const Report report = reported(call(CallKind::query, detail_id),
                                       detail(row.status, R"(,"fail_reason":"OPENID_INVALID")"));
        EXPECT_EQ(report.id.text(), number);
        EXPECT_EQ(name(report.state), name(row.state));
        EXPECT_EQ(report.raw_state, row.status);
        EXPECT_EQ(report.fail_reason, "OPENID_INVALID");
        EXPECT_EQ(report.wechat_detail_id, detail_id);
        EXPECT_EQ(report.mchid->text(), "1900000001");
        EXPECT_EQ(report.openid->text(), "o-1");
        EXPECT_EQ(report.amount, 1234_fen);
    }
}

TEST_F(TransferBatchesTest, CallAReplyThatCannotBeReadInDoubtNamingTheField) {
    const struct {
        Call call;
        std::string body;
        const char* message;
    } rows[] = {
        {call(CallKind::submit), "{}", "out_batch_no is missing"},
        {call(CallKind::submit), R"({"out_batch_no":"WD1"})", "batch_id is missing"},
        {call(CallKind::submit), R"({"out_batch_no":"WD1","batch_id":"1_0"})",
         "batch_id must be 1 to 64 letters or digits"},
        {call(CallKind::submit), R"({"out_batch_no":"WD1","batch_id":"1","batch_status":1})",
         "batch_status must be a string"},
        {call(CallKind::query), "{}", "transfer_batch must be an object"},
        {call(CallKind::query), batch(""), "batch_status must be a string"},
        {call(CallKind::query), batch("FINISHED", R"(,"success_amount":1.5)"),
         "success_amount must be whole fen"},
        {call(CallKind::query), batch("FINISHED", "", "1"), "detail_id is missing"},
        {call(CallKind::query), batch("FINISHED", "", line("")), "detail_status must be a string"},
        {call(CallKind::query), R"({"transfer_detail_list":{},)" + batch("FINISHED").substr(1),
         "transfer_detail_list must be an array"},
        {call(CallKind::query, detail_id), "{}", "out_detail_no is missing"},
        {call(CallKind::query, detail_id), detail(""), "detail_status must be a string"},
        {call(CallKind::query, detail_id),
         R"({"out_detail_no":"WD1","out_batch_no":"WD2","batch_id":"1","detail_id":"2","detail_status":"SUCCESS"})",
         "out_batch_no is another than out_detail_no"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.body);
        const NoNews news = no_news(answer(row.call, 200, row.body));
        EXPECT_EQ(news.kind, NoNewsKind::unverified);
        EXPECT_EQ(news.message, row.message);
    }
}

// R13
TEST_F(TransferBatchesTest, BelieveNothingUnsigned) {
    HttpResult result = wechat_.respond(200, detail("SUCCESS"));
    std::get<HttpResponse>(result.outcome).headers = {};

    EXPECT_EQ(no_news(batches_.answer(call(CallKind::query, detail_id), result)).kind,
              NoNewsKind::unverified);
}

TEST_F(TransferBatchesTest, TakeNotFoundOfTheBatchAsAbsenceAndOfTheDetailAsNoNews) {
    const std::string body = R"({"code":"NOT_FOUND","message":"m"})";

    const Answer of_batch = answer(call(CallKind::query), 404, body);
    const Answer of_detail = answer(call(CallKind::query, detail_id), 404, body);

    EXPECT_TRUE(std::get<NotFound>(of_batch.result).verified);
    EXPECT_EQ(no_news(of_detail).kind, NoNewsKind::unknown);
}

TEST_F(TransferBatchesTest, TakeDetailsThatAreAskedForTooEarlyAsNoNews) {
    const NoNews news =
        no_news(answer(call(CallKind::query, detail_id), 400,
                       R"({"code":"INVALID_REQUEST","message":"请等待批次处理完成后再查询明细单据"})"));

    EXPECT_EQ(news.kind, NoNewsKind::refused);
    EXPECT_FALSE(news.content_only);
}

// wechat_spec 2, "Create errors".
TEST_F(TransferBatchesTest, ClassifyEveryCodeOfTheSheet) {
    constexpr struct {
        int status;
        const char* code;
        NoNewsKind kind;
    } rows[] = {
        {500, "SYSTEM_ERROR", NoNewsKind::server_error},
        {401, "APPID_MCHID_NOT_MATCH", NoNewsKind::merchant_trouble},
        {400, "PARAM_ERROR", NoNewsKind::refused},
        {400, "INVALID_REQUEST", NoNewsKind::refused},
        {403, "NO_AUTH", NoNewsKind::merchant_trouble},
        {403, "NOT_ENOUGH", NoNewsKind::merchant_trouble},
        {403, "ACCOUNTERROR", NoNewsKind::merchant_trouble},
        {429, "QUOTA_EXCEED", NoNewsKind::merchant_trouble},
        {429, "FREQUENCY_LIMITED", NoNewsKind::throttled},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.code);
        const NoNews news = no_news(answer(call(CallKind::submit), row.status,
                                           R"({"code":")" + std::string(row.code) + R"(","message":"m"})"));
        EXPECT_EQ(name(news.kind), name(row.kind));
    }
}

TEST_F(TransferBatchesTest, ExplainToAMerchantWithoutPermissionWhatToUse) {
    const NoNews news = no_news(
        answer(call(CallKind::submit), 403,
               R"({"code":"NO_AUTH","message":"当前商户号接入升级版本功能,暂不支持使用升级前功能"})"));

    EXPECT_EQ(news.kind, NoNewsKind::merchant_trouble);
    EXPECT_EQ(
        news.message,
        "当前商户号接入升级版本功能,暂不支持使用升级前功能 (this merchant may not use the older batches: "
        "configure the channel with the current transfers (transfer-bills))");
}

TEST_F(TransferBatchesTest, TakeANotificationAsAHintOnly) {
    BatchSummary batch{Mchid::parse("1900000001").value(), number, "1030", "CLOSED", 1, 1234_fen, {}};

    const Report hint = hint_of(batch).value();
    batch.out_batch_no = "not_ours";

    EXPECT_EQ(hint.id.text(), number);
    EXPECT_EQ(hint.state, BillState::unknown);
    EXPECT_EQ(hint.raw_state, "CLOSED");
    EXPECT_EQ(hint.mchid->text(), "1900000001");
    EXPECT_EQ(hint.amount, 1234_fen);
    EXPECT_EQ(hint.wechat_batch_id, "1030");
    EXPECT_EQ(hint.fail_reason, "");
    EXPECT_EQ(hint_of(batch).error().field, "out_batch_no");
}

TEST_F(TransferBatchesTest, SendTheRealNameAsTheSheetAsks) {
    const TransferBatches batches(MerchantSide::merchant(false), terms(), merchant_.signer, wechat_.keys,
                                  merchant_.random, &merchant_.vault);
    Withdrawal w = merchant_.named_withdrawal(200000_fen);
    w.submission = batches.compose(w, MerchantSide::now).value();

    EXPECT_EQ(w.submission.key_serial, WechatSide::serial);
    const auto payout = nlohmann::json::parse(w.submission.body)["transfer_detail_list"][0];
    EXPECT_EQ(wechat_.opened(payout["user_name"].get<std::string>()), "张三");
    EXPECT_FALSE(batches.renew(w, MerchantSide::now).value().has_value());
    EXPECT_EQ(batches.check(MerchantSide::withdrawal().order).has_value(), true);
    EXPECT_TRUE(batches.check_name("张三").has_value());
    EXPECT_FALSE(batches_.check_name("张三").has_value());
}

TEST_F(TransferBatchesTest, MakeTheNamesCiphertextAnewOnlyWhenItsKeyIsGone) {
    const TransferBatches batches(MerchantSide::merchant(false), terms(), merchant_.signer, wechat_.keys,
                                  merchant_.random, &merchant_.vault);
    Withdrawal w = merchant_.named_withdrawal(200000_fen);
    w.submission = batches.compose(w, MerchantSide::now).value();
    wechat_.keys.add("PUB_KEY_ID_NEW", test::public_key());
    wechat_.keys.remove(WechatSide::serial);

    const Submission renewed = batches.renew(w, MerchantSide::now).value().value();

    EXPECT_EQ(renewed.key_serial, "PUB_KEY_ID_NEW");
    auto before = nlohmann::json::parse(w.submission.body), after = nlohmann::json::parse(renewed.body);
    EXPECT_NE(before["transfer_detail_list"][0]["user_name"], after["transfer_detail_list"][0]["user_name"]);
    before["transfer_detail_list"][0].erase("user_name");
    after["transfer_detail_list"][0].erase("user_name");
    EXPECT_EQ(before, after);
}

TEST(BatchQuery, AsksForEachPageByEitherNumber) {
    const auto id = WithdrawalId::parse("WD1").value();
    const auto batch_id = BatchId::parse("1030").value();

    EXPECT_EQ(batch_query(id, {40, 100, DetailFilter::fail}).value().url,
              "/v3/transfer/batches/out-batch-no/"
              "WD1?need_query_detail=true&offset=40&limit=100&detail_status=FAIL");
    EXPECT_EQ(
        batch_query(batch_id).value().url,
        "/v3/transfer/batches/batch-id/1030?need_query_detail=true&offset=0&limit=20&detail_status=ALL");
    EXPECT_EQ(detail_query(batch_id, DetailId::parse("1040").value()).url,
              "/v3/transfer/batches/batch-id/1030/details/detail-id/1040");
    EXPECT_EQ(batch_query(id, {-1, 20}).error().field, "offset");
    EXPECT_EQ(batch_query(id, {0, 19}).error().field, "limit");
    EXPECT_EQ(batch_query(id, {0, 101}).error().field, "limit");
}

/// The older API with the real service and ledger.
class LifeOfABatch : public TransferBatchesTest {
 protected:
    void SetUp() override {
        ASSERT_TRUE(service_.deposit(user_, 10000_fen, Reference::parse("d0").value()).has_value());
        Order order = MerchantSide::withdrawal().order;
        id_ = service_.request(order, Terms{}).value().withdrawal.id;
    }
    /// The next call, at the time at which it is due.
    Call next_call() {
        wechat_.clock.advance(std::max(Duration(0), *row().due_at - wechat_.clock.now()));
        auto calls = service_.claim(1).value();
        EXPECT_EQ(calls.size(), 1U);
        return calls.empty() ? Call{} : calls.front();
    }
    /// Answers the next call with what the replies above say of this withdrawal.
    void exchange(int status, std::string body) {
        const Call next = next_call();
        urls_.push_back(batches_.request(next).value().url);
        for (std::size_t at = 0; (at = body.find(number, at)) != std::string::npos; at += id_.text().size())
            body.replace(at, number.size(), id_.text());
        ASSERT_TRUE(service_.record(answer(next, status, body)).has_value());
    }
    Withdrawal row() { return *ledger_.find(id_).value(); }

    MemoryLedger ledger_;
    Service service_{ledger_, {&batches_}, wechat_.clock, merchant_.random};
    UserId user_ = UserId::parse("u1").value();
    WithdrawalId id_;
    std::vector<std::string> urls_;
};

std::string created(const std::string& status) {
    return R"({"out_batch_no":")" + number +
           R"(","batch_id":"1030000071100999991182020050700019480001","create_time":"2025-01-01T12:00:00+08:00","batch_status":")" +
           status + "\"}";
}

TEST_F(LifeOfABatch, EndsWithItsDetailsState) {
    exchange(200, created("ACCEPTED"));
    exchange(200, batch("PROCESSING"));
    exchange(200, batch("FINISHED", "", line("SUCCESS")));
    EXPECT_EQ(row().state, State::live);
    exchange(400, R"({"code":"INVALID_REQUEST","message":"m"})");
    exchange(200, detail("PROCESSING"));
    EXPECT_EQ(row().state, State::live);
    exchange(200, detail("SUCCESS"));

    EXPECT_EQ(row().state, State::succeeded);
    EXPECT_EQ(row().wechat_batch_id, "1030000071100999991182020050700019480001");
    EXPECT_EQ(row().wechat_detail_id, detail_id);
    const std::string place = "/v3/transfer/batches/out-batch-no/" + id_.text();
    const std::string query = place + "?need_query_detail=true&offset=0&limit=20&detail_status=ALL";
    const std::string detail_place = place + "/details/out-detail-no/" + id_.text();
    EXPECT_EQ(urls_, (std::vector<std::string>{"/v3/transfer/batches", query, query, detail_place,
                                               detail_place, detail_place}));
}

TEST_F(LifeOfABatch, GivesTheMoneyBackWhenItsDetailFailedOrItWasClosed) {
    exchange(200, created("ACCEPTED"));
    exchange(200, batch("FINISHED", "", line("FAIL")));
    exchange(200, detail("FAIL", R"(,"fail_reason":"NAME_NOT_CORRECT")"));
    EXPECT_EQ(row().state, State::failed);
    EXPECT_EQ(row().error_code, "NAME_NOT_CORRECT");
    EXPECT_EQ(ledger_.balance(user_).value().available, 10000_fen);

    Order again = MerchantSide::withdrawal().order;
    again.key = IdempotencyKey::parse("k2").value();
    id_ = service_.request(again, Terms{}).value().withdrawal.id;
    exchange(200, created("WAIT_PAY"));
    exchange(200, batch("CLOSED", R"(,"close_reason":"OVERDUE_CLOSE")"));

    EXPECT_EQ(row().state, State::failed);
    EXPECT_EQ(row().error_code, "OVERDUE_CLOSE");
    EXPECT_EQ(ledger_.balance(user_).value().available, 10000_fen);
}

TEST_F(LifeOfABatch, IsAskedAfterAtOnceWhenANotificationHints) {
    exchange(200, created("ACCEPTED"));
    exchange(200, batch("PROCESSING"));
    ASSERT_GT(*row().due_at, wechat_.clock.now());
    const Report hint = hint_of({batches_.destination().mchid,
                                 id_.text(),
                                 "1030000071100999991182020050700019480001",
                                 "FINISHED",
                                 1,
                                 1234_fen,
                                 {}})
                            .value();

    ASSERT_TRUE(service_.notify(hint).has_value());

    EXPECT_EQ(row().due_at, wechat_.clock.now());
    EXPECT_EQ(row().state, State::live);
}

TEST_F(LifeOfABatch, IsNeverCancelledAndNeverSubmittedAgainOnceWantedBack) {
    exchange(200, created("ACCEPTED"));
    ASSERT_TRUE(service_.cancel(user_, id_).has_value());
    for (int i = 0; i < 5; ++i) {
        exchange(200, batch("PROCESSING"));
        EXPECT_EQ(row().state, State::cancelling);
        EXPECT_NE(urls_.back(), "/v3/transfer/batches");
    }
    exchange(200, batch("FINISHED", "", line("SUCCESS")));
    exchange(200, detail("SUCCESS"));

    EXPECT_EQ(row().state, State::succeeded);
    EXPECT_EQ(row().attempts.count, 1);
}

TEST_F(LifeOfABatch, ThatNeverWasIsReleasedByItsAbsence) {
    exchange(403, R"({"code":"NOT_ENOUGH","message":"m"})");
    ASSERT_TRUE(service_.cancel(user_, id_).has_value());
    for (int i = 0; i < 200 && !is_final(row().state); ++i)
        exchange(404, R"({"code":"NOT_FOUND","message":"m"})");

    EXPECT_EQ(row().state, State::cancelled);
    EXPECT_EQ(row().released_by, Proof::absence);
    EXPECT_EQ(ledger_.balance(user_).value().available, 10000_fen);
}

}  // namespace
}  // namespace tixian::wechat
