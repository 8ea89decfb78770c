// SPDX-License-Identifier: MIT
#include "mock/verdicts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "mock/call_facts.hpp"

namespace tixian::mock {
namespace {

using faults::Endpoint;
using nlohmann::json;

constexpr Duration second = std::chrono::seconds(1);
// wechat_spec 3.
constexpr Duration answer_within = std::chrono::seconds(5);

std::string text_at(const std::string& body, const char* key) {
    const json value = json::parse(body, nullptr, false);
    if (!value.is_object() || !value.contains(key) || !value[key].is_string()) return {};
    return value[key].get<std::string>();
}

bool is_end(const std::string& state) {
    return state == "SUCCESS" || state == "FAIL" || state == "CANCELLED";
}
bool is_ok(int status) { return status >= 200 && status < 300; }

// All that was seen of one number.
struct Thread {
    std::string debt;          // whose, and how much
    std::string content;       // of the first create that may have made it
    std::uint64_t create = 0;  // the journal's ids
    int creates_open = 0;      // whose outcome is not known to be a refusal
    std::uint64_t ended = 0;   // its end, or an accepted cancel, was told
    std::string end;
    bool is_settled = false;         // a believable end was told
    std::uint64_t unbelievable = 0;  // the last word on it that does not verify
};

class Judge {
 public:
    explicit Judge(std::span<const bank::Bill> bills) {
        for (const bank::Bill& bill : bills) {
            const bool is_over = bank::is_final(bill.state);
            open_until_[{bill.order.mchid, bill.order.out_bill_no}] =
                is_over ? bill.updated_at : Timestamp::max();
        }
    }

    void asked(const JournalEntry& entry) {
        if (entry.kind == JournalKind::notification) return;
        const CallFacts facts = facts_of_request(entry);
        if (entry.is_over_rate) look_at_rate(entry, facts.endpoint);
        if (makes_something(facts.endpoint) && !facts.number.empty()) look_at_create(entry, facts);
    }
    void told(const JournalEntry& entry) {
        if (entry.kind == JournalKind::notification) return look_at_notification(entry);
        const CallFacts facts = facts_of_request(entry);
        if (!facts.number.empty()) hear(entry, facts.endpoint, {facts.mchid, facts.number});
    }

    std::vector<Verdict> found;

 private:
    using Key = std::pair<std::string, std::string>;  // mchid, number

    static CallFacts facts_of_request(const JournalEntry& entry) {
        CallFacts facts = facts_of(entry.method, entry.target, entry.body);
        facts.mchid = entry.mchid;
        if (!entry.number.empty()) facts.number = entry.number;
        return facts;
    }
    static bool makes_something(Endpoint endpoint) {
        return endpoint == Endpoint::create || endpoint == Endpoint::authorized_transfer ||
               endpoint == Endpoint::batch_create;
    }
    // An authorised transfer names no openid, but the authorisation that it rests on; of a batch only its own
    // number is one debt.
    static std::string debt_of(const JournalEntry& entry, const CallFacts& facts) {
        if (facts.endpoint == Endpoint::batch_create) return facts.mchid + "/batch " + facts.number;
        const std::string whose = facts.openid + text_at(entry.body, "authorization_id") +
                                  text_at(entry.body, "out_authorization_no");
        return facts.mchid + "/" + whose + "/" + std::to_string(facts.amount.value_or(Money()).fen());
    }

    void tell(Sin sin, const JournalEntry& entry, const std::string& number, std::string sentence,
              std::vector<std::uint64_t> evidence) {
        found.push_back({sin, entry.mchid, number, std::move(sentence), std::move(evidence)});
    }

    // One verdict for each second in which it happens.
    void look_at_rate(const JournalEntry& entry, Endpoint endpoint) {
        const auto [last, is_first] = over_the_rate_.try_emplace({entry.mchid, endpoint}, entry.at);
        if (!is_first && entry.at - last->second < second) return;
        last->second = entry.at;
        tell(Sin::over_the_rate, entry, {},
             "refused with 429: more calls of " + std::string(name(endpoint)) +
                 " within a second than this merchant may make",
             {entry.id});
    }

    void look_at_create(const JournalEntry& entry, const CallFacts& facts) {
        Thread& own = threads_[{facts.mchid, facts.number}];
        const bool is_first = own.create == 0;
        ++own.creates_open;
        if (is_first) {
            own.create = entry.id;
            own.content = content_of(entry.body);
            own.debt = debt_of(entry, facts);
            look_for_others(entry, facts, own);
            debts_[own.debt].push_back({facts.mchid, facts.number});
            return;
        }
        if (own.content != content_of(entry.body)) {
            tell(Sin::changed_content, entry, facts.number,
                 "the number was sent again with other content; a retry repeats all of it",
                 {own.create, entry.id});
        }
        if (own.ended != 0) {
            tell(Sin::submit_after_end, entry, facts.number,
                 "submitted again after " + own.end + " was told; what ended never moves again",
                 {own.ended, entry.id});
        }
    }

    // One verdict for each number, however many others are open: a load test has one debt a thousand times.
    void look_for_others(const JournalEntry& entry, const CallFacts& facts, const Thread& own) {
        std::vector<Key>& others = debts_[own.debt];
        std::erase_if(others, [&](const Key& key) { return threads_.at(key).is_settled; });
        for (const Key& key : others) {
            const Thread& other = threads_.at(key);
            const auto open_until = open_until_.find(key);
            const bool is_open = open_until != open_until_.end() && open_until->second > entry.business_at;
            if (other.unbelievable != 0) {
                return tell(
                    Sin::acted_on_unverified, entry, facts.number,
                    "a new number for the debt of " + key.second +
                        " after an answer that does not verify, without having asked; innocent only if "
                        "these are two debts",
                    {other.create, other.unbelievable, entry.id});
            }
            if (is_open) {
                return tell(Sin::second_number, entry, facts.number,
                            "a second number for the same openid and amount while " + key.second +
                                " is open; innocent only if these are two debts",
                            {other.create, entry.id});
            }
        }
    }

    // What an answer told of the number.
    void hear(const JournalEntry& entry, Endpoint endpoint, const Key& key) {
        Thread& thread = threads_[key];
        if (thread.create == 0) return;
        if (!entry.is_believable) {
            thread.unbelievable = entry.id;
            return;
        }
        const bool is_refusal = entry.status >= 400 && entry.status < 500;
        if (makes_something(endpoint) && is_refusal && --thread.creates_open == 0) return forget(key);
        const std::string state = is_ok(entry.status) ? text_at(entry.answer, "state") : std::string();
        const bool is_cancel = endpoint == Endpoint::cancel && is_ok(entry.status);
        const bool asked = endpoint == Endpoint::query && (is_ok(entry.status) || entry.status == 404);
        if (asked || !state.empty()) thread.unbelievable = 0;
        if (is_end(state)) thread.is_settled = true;
        if ((is_cancel || state == "FAIL" || state == "CANCELLED") && thread.ended == 0) {
            thread.ended = entry.id;
            thread.end = is_cancel ? "that its cancel was accepted" : state;
        }
    }

    // Each create was refused, so nothing was made: the number is free for other content (wechat_spec 5).
    void forget(const Key& key) {
        const Thread& thread = threads_.at(key);
        if (thread.ended != 0) return;
        std::erase(debts_[thread.debt], key);
        threads_.erase(key);
    }

    void look_at_notification(const JournalEntry& entry) {
        const std::string number = text_at(entry.body, "out_bill_no");
        if (!entry.is_believable && is_ok(entry.status)) {
            tell(Sin::believed_a_forgery, entry, number,
                 "answered " + std::to_string(entry.status) + " to a notification that does not verify",
                 {entry.id});
        }
        if (entry.took >= answer_within) {
            tell(Sin::left_unanswered, entry, number, "no answer to a notification within five seconds",
                 {entry.id});
        }
        const auto found_thread = threads_.find({entry.mchid, number});
        if (found_thread == threads_.end()) return;
        Thread& thread = found_thread->second;
        if (!is_ok(entry.status)) return;  // who refuses it has learnt nothing from it
        if (!entry.is_believable) {
            thread.unbelievable = entry.id;
            return;
        }
        const std::string state = text_at(entry.body, "state");
        thread.unbelievable = 0;
        if (is_end(state)) thread.is_settled = true;
        if ((state == "FAIL" || state == "CANCELLED") && thread.ended == 0) {
            thread.ended = entry.id;
            thread.end = state;
        }
    }

    std::map<Key, Timestamp> open_until_;  // of each number that has a bill
    std::map<Key, Thread> threads_;
    std::map<std::string, std::vector<Key>> debts_;
    std::map<std::pair<std::string, Endpoint>, Timestamp> over_the_rate_;
};

// A request or its answer.
struct Moment {
    Timestamp at;
    bool is_answer;
    const JournalEntry* entry;
};

// In the order in which the merchant knew: what he was told late, or never, he cannot have heeded before.
std::vector<Moment> moments(std::span<const JournalEntry> journal) {
    std::vector<Moment> all;
    for (const JournalEntry& entry : journal) {
        all.push_back({entry.at, false, &entry});
        const bool is_notification = entry.kind == JournalKind::notification;
        if (is_notification || entry.told_at != JournalEntry::untold)
            all.push_back({is_notification ? entry.at + entry.took : entry.told_at, true, &entry});
    }
    std::sort(all.begin(), all.end(), [](const Moment& a, const Moment& b) {
        return std::tuple(a.at, a.entry->id, a.is_answer) < std::tuple(b.at, b.entry->id, b.is_answer);
    });
    return all;
}

}  // namespace

std::string_view name(Sin sin) {
    constexpr std::array<std::string_view, 7> names = {
        "second_number",      "changed_content", "submit_after_end",   "over_the_rate",
        "believed_a_forgery", "left_unanswered", "acted_on_unverified"};
    return names[static_cast<std::size_t>(sin)];
}

std::vector<Verdict> verdicts(std::span<const JournalEntry> journal, std::span<const bank::Bill> bills) {
    Judge judge(bills);
    for (const Moment& moment : moments(journal)) {
        if (moment.is_answer) {
            judge.told(*moment.entry);
        } else {
            judge.asked(*moment.entry);
        }
    }
    return std::move(judge.found);
}

}  // namespace tixian::mock
