// SPDX-License-Identifier: MIT
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mock/call_facts.hpp"
#include "mock/verdicts.hpp"

namespace tixian::mock {
namespace {

constexpr const char* path = "/v3/fund-app/mch-transfer/transfer-bills";
const Timestamp start = from_millis(1'700'000'000'000);

/// A client's history, written line by line; each line is a second later.
class History {
 public:
    History& create(const std::string& number, const std::string& answer = R"({"state":"WAIT_USER_CONFIRM"})",
                    int status = 200, const std::string& remark = "r") {
        JournalEntry entry;
        entry.method = "POST";
        entry.target = path;
        entry.body = R"({"out_bill_no":")" + number +
                     R"(","openid":"oA","transfer_amount":100,"transfer_remark":")" + remark + R"("})";
        return add(entry, answer, status);
    }
    History& query(const std::string& number, const std::string& answer, int status = 200) {
        JournalEntry entry;
        entry.method = "GET";
        entry.target = std::string(path) + "/out-bill-no/" + number;
        return add(entry, answer, status);
    }
    History& query_by_wechats(const std::string& number, const std::string& answer) {
        JournalEntry entry;
        entry.method = "GET";
        entry.target = std::string(path) + "/transfer-bill-no/1330000";
        entry.number = number;
        return add(entry, answer, 200);
    }
    History& batch(const std::string& number, const std::string& openid) {
        JournalEntry entry;
        entry.method = "POST";
        entry.target = "/v3/transfer/batches";
        entry.body = R"({"out_batch_no":")" + number + R"(","transfer_detail_list":[{"openid":")" + openid +
                     R"(","user_name":"cipher)" + std::to_string(entries_.size()) + R"("}]})";
        return add(entry, "{}", 200);
    }
    History& authorized(const std::string& number, const std::string& authorization) {
        JournalEntry entry;
        entry.method = "POST";
        entry.target = std::string(path) + "/transfer";
        entry.body = R"({"out_bill_no":")" + number + R"(","authorization_id":")" + authorization +
                     R"(","transfer_amount":100})";
        return add(entry, R"({"state":"TRANSFERING"})", 200);
    }
    History& cancel(const std::string& number, int status = 200) {
        JournalEntry entry;
        entry.method = "POST";
        entry.target = std::string(path) + "/out-bill-no/" + number + "/cancel";
        return add(entry, R"({"state":"CANCELING"})", status);
    }
    History& notify(const std::string& number, const std::string& state, int status = 200) {
        JournalEntry entry;
        entry.kind = JournalKind::notification;
        entry.body = R"({"out_bill_no":")" + number + R"(","state":")" + state + R"("})";
        return add(entry, "", status);
    }
    /// The last line does not verify.
    History& unbelievable() {
        entries_.back().is_believable = false;
        return *this;
    }
    History& took(Duration time) {
        entries_.back().took = time;
        return *this;
    }
    /// The last line's answer came so many seconds later; none: nobody was there any more.
    History& told_after(std::optional<int> seconds) {
        JournalEntry& last = entries_.back();
        last.told_at = seconds ? last.at + std::chrono::seconds(*seconds) : JournalEntry::untold;
        return *this;
    }
    /// How the number's bill stands in the end; final ones ended at the second of that line.
    History& bill(const std::string& number, bank::BillState state, int line = 0) {
        bank::Bill made;
        made.order.mchid = "19";
        made.order.out_bill_no = number;
        made.state = state;
        made.updated_at = start + std::chrono::seconds(line);
        bills_.push_back(made);
        return *this;
    }
    [[nodiscard]] std::string sins() const {
        std::string text;
        for (const Verdict& verdict : verdicts(entries_, bills_)) {
            text += std::string(name(verdict.sin)) + "(" + verdict.number + ":";
            for (const std::uint64_t id : verdict.evidence) text += " " + std::to_string(id);
            text += ")";
        }
        return text;
    }

 private:
    History& add(JournalEntry entry, const std::string& answer, int status) {
        entry.id = entries_.size() + 1;
        entry.mchid = "19";
        entry.at = entry.business_at = start + std::chrono::seconds(static_cast<int>(entry.id));
        entry.told_at = entry.at;
        entry.answer = answer;
        entry.status = status;
        entries_.push_back(entry);
        return *this;
    }
    std::vector<JournalEntry> entries_;
    std::vector<bank::Bill> bills_;
};

using bank::BillState;

TEST(Verdicts, FindNothingInAnInnocentLife) {
    const std::string sins = History()
                                 .create("A", "", 500)
                                 .query("A", R"({"code":"NOT_FOUND"})", 404)
                                 .create("A")
                                 .create("A")
                                 .query("A", R"({"state":"WAIT_USER_CONFIRM"})")
                                 .notify("A", "SUCCESS")
                                 .notify("A", "SUCCESS")
                                 .create("B")
                                 .bill("A", BillState::success, 6)
                                 .bill("B", BillState::wait_user_confirm)
                                 .sins();
    EXPECT_EQ(sins, "");
}

TEST(Verdicts, FindASecondNumberForALiveDebt) {
    EXPECT_EQ(History().create("A").create("B").bill("A", BillState::wait_user_confirm).sins(),
              "second_number(B: 1 2)");
    EXPECT_EQ(History().create("A", "", 0).create("B").bill("A", BillState::success, 9).sins(),
              "second_number(B: 1 2)")
        << "it was still open then";
}

TEST(Verdicts, TellOfEachSecondNumberOnce) {
    EXPECT_EQ(History()
                  .create("A")
                  .create("B")
                  .create("C")
                  .bill("A", BillState::wait_user_confirm)
                  .bill("B", BillState::wait_user_confirm)
                  .sins(),
              "second_number(B: 1 2)second_number(C: 1 3)");
}

TEST(Verdicts, AllowANewNumberAfterTheOldOneFailed) {
    EXPECT_EQ(History()
                  .create("A")
                  .query("A", R"({"state":"FAIL"})")
                  .create("B")
                  .bill("A", BillState::fail, 2)
                  .sins(),
              "");
}

TEST(Verdicts, FindARetryWithChangedContent) {
    EXPECT_EQ(History().create("A").create("A", "", 400, "other").sins(), "changed_content(A: 1 2)");
}

TEST(Verdicts, OverlookAnotherCiphertextOfTheName) {
    EXPECT_EQ(content_of(R"({"out_bill_no":"A","user_name":"x"})"),
              content_of(R"({"out_bill_no":"A","user_name":"y"})"));
}

TEST(Verdicts, FindASubmitAfterTheCancelWasAccepted) {
    EXPECT_EQ(History().create("A").cancel("A").create("A").sins(), "submit_after_end(A: 2 3)");
}

TEST(Verdicts, FindASubmitAfterTheFailureWasTold) {
    EXPECT_EQ(History().create("A").query("A", R"({"state":"FAIL"})").create("A").sins(),
              "submit_after_end(A: 2 3)");
    EXPECT_EQ(History().create("A").notify("A", "CANCELLED").create("A").sins(), "submit_after_end(A: 2 3)");
}

TEST(Verdicts, AllowASubmitAfterACancelThatWasRefused) {
    EXPECT_EQ(History().create("A").cancel("A", 400).create("A").sins(), "");
}

TEST(Verdicts, BlameNobodyForWhatHeWasNotToldYet) {
    const auto failed = [] { return History().create("A").query("A", R"({"state":"FAIL"})"); };
    EXPECT_EQ(failed().told_after(1).create("A").sins(), "submit_after_end(A: 2 3)");
    EXPECT_EQ(failed().told_after(2).create("A").sins(), "") << "it was on its way";
    EXPECT_EQ(failed().told_after({}).create("A").sins(), "") << "it never came";
}

TEST(Verdicts, TakeALostAnswerForNone) {
    EXPECT_EQ(History().create("A", R"({"state":"FAIL"})").unbelievable().told_after({}).create("B").sins(),
              "");
}

TEST(Verdicts, FindTheSecondsInWhichCallsWereTooMany) {
    std::vector<JournalEntry> entries;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        JournalEntry entry;
        entry.id = i;
        entry.mchid = "19";
        entry.method = "GET";
        entry.target = std::string(path) + "/out-bill-no/N" + std::to_string(i);
        entry.at = start + Duration(static_cast<int>(i) * 9);
        entries.push_back(entry);
    }
    EXPECT_TRUE(verdicts(entries, {}).empty()) << "what the bank let in was not too much";
    for (std::uint64_t i = 100; i < 200; ++i) entries[i].is_over_rate = true;

    const auto too_fast = verdicts(entries, {});

    ASSERT_EQ(too_fast.size(), 1U) << "one for each second";
    EXPECT_EQ(too_fast[0].sin, Sin::over_the_rate);
    EXPECT_EQ(too_fast[0].evidence, (std::vector<std::uint64_t>{101}));
}

TEST(Verdicts, AllowOtherContentAfterEachCreateWasRefused) {
    EXPECT_EQ(History().create("A", "{}", 400).create("A", "{}", 200, "other").sins(), "");
    EXPECT_EQ(History().create("A", "", 500).create("A", "{}", 400).create("A", "{}", 200, "other").sins(),
              "changed_content(A: 1 3)")
        << "the first may have made it";
    EXPECT_EQ(History().create("A", "{}", 400).unbelievable().create("A", "{}", 200, "other").sins(),
              "changed_content(A: 1 2)")
        << "nobody signed that refusal";
}

TEST(Verdicts, KnowWhatIsAskedByWechatsNumber) {
    EXPECT_EQ(History().create("A").query_by_wechats("A", R"({"state":"FAIL"})").create("A").sins(),
              "submit_after_end(A: 2 3)");
}

TEST(Verdicts, LookAtBatchesAndAuthorizedTransfersToo) {
    EXPECT_EQ(History().batch("B", "oA").batch("B", "oB").sins(), "changed_content(B: 1 2)");
    EXPECT_EQ(History().batch("B", "oA").batch("B", "oA").sins(), "") << "names are encrypted anew each time";
    EXPECT_EQ(
        History().authorized("A", "AUTH1").authorized("B", "AUTH1").bill("A", BillState::transfering).sins(),
        "second_number(B: 1 2)");
    EXPECT_EQ(
        History().authorized("A", "AUTH1").authorized("B", "AUTH2").bill("A", BillState::transfering).sins(),
        "");
}

TEST(Verdicts, FindBeliefInAForgery) {
    EXPECT_EQ(History().create("A").notify("A", "SUCCESS").unbelievable().sins(), "believed_a_forgery(A: 2)");
}

TEST(Verdicts, AllowToRefuseAForgery) {
    EXPECT_EQ(History().create("A").notify("A", "SUCCESS", 401).unbelievable().sins(), "");
}

TEST(Verdicts, FindANotificationLeftUnanswered) {
    EXPECT_EQ(History().create("A").notify("A", "SUCCESS", 0).took(Duration(5001)).sins(),
              "left_unanswered(A: 2)");
    EXPECT_EQ(History().create("A").notify("A", "SUCCESS", 200).took(Duration(5001)).sins(),
              "left_unanswered(A: 2)")
        << "too late is not in time";
}

TEST(Verdicts, AllowAServerThatIsDown) {
    EXPECT_EQ(History().create("A").notify("A", "SUCCESS", 0).took(Duration(3)).sins(), "");
}

TEST(Verdicts, FindANewNumberAfterAnAnswerThatDoesNotVerify) {
    EXPECT_EQ(History().create("A", R"({"state":"FAIL"})").unbelievable().create("B").sins(),
              "acted_on_unverified(B: 1 1 2)");
    EXPECT_EQ(History().create("A").notify("A", "FAIL", 200).unbelievable().create("B").sins(),
              "believed_a_forgery(A: 2)acted_on_unverified(B: 1 2 3)");
    EXPECT_EQ(History().create("A").notify("A", "FAIL", 401).unbelievable().create("B").sins(), "")
        << "he refused it, so the new number has another reason";
}

TEST(Verdicts, AllowANewNumberAfterHavingAsked) {
    EXPECT_EQ(History()
                  .create("A", R"({"state":"FAIL"})")
                  .unbelievable()
                  .query("A", R"({"state":"FAIL"})")
                  .create("B")
                  .bill("A", BillState::fail, 1)
                  .sins(),
              "");
}

}  // namespace
}  // namespace tixian::mock
