// SPDX-License-Identifier: MIT
#include "mock/journal_query.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "mock/call_facts.hpp"
#include "mock/mailing.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;

// What an entry is about, of requests and notifications alike.
CallFacts facts_of_entry(const JournalEntry& entry) {
    if (entry.kind == JournalKind::request) {
        CallFacts facts = facts_of(entry.method, entry.target, entry.body);
        if (!entry.number.empty()) facts.number = entry.number;
        return facts;
    }
    CallFacts facts = facts_of("", "", entry.body);
    facts.endpoint = faults::Endpoint::notification;
    return facts;
}

std::string value_of(const QueryParameters& query, const char* key) {
    const auto found = query.find(key);
    return found == query.end() ? std::string() : found->second;
}

tl::unexpected<Error> refuse_key(const char* key, const std::string& rule) {
    return refuse(ErrorCode::invalid_argument, std::string(key) + " " + rule, key);
}

Result<std::optional<std::uint64_t>> number_of(const QueryParameters& query, const char* key) {
    const auto found = query.find(key);
    if (found == query.end()) return std::optional<std::uint64_t>();
    const std::string& text = found->second;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return refuse_key(key, "must be a whole number");
    return std::optional(number);
}

bool is_wanted(const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
}

json entry_json(const JournalEntry& entry) {
    const CallFacts facts = facts_of_entry(entry);
    json value = {{"id", entry.id},
                  {"kind", entry.kind == JournalKind::request ? "request" : "notification"},
                  {"time", precise_time_text(entry.at)},
                  {"endpoint", name(facts.endpoint)},
                  {"mchid", entry.mchid},
                  {"number", facts.number},
                  {"method", entry.method},
                  {"path", entry.target},
                  {"body", entry.body},
                  {"status", entry.status},
                  {"answer", entry.answer},
                  {"request_id", entry.request_id},
                  {"took_ms", entry.took.count()},
                  {"faults", entry.faults},
                  {"delivered", entry.told_at != JournalEntry::untold},
                  {"believable", entry.is_believable}};
    if (entry.kind == JournalKind::notification) {
        value["notification_id"] = entry.notification_id;
        value["guise"] = entry.guise;
    }
    return value;
}

struct Count {
    const char* key;
    std::uint64_t found;
};

}  // namespace

Result<std::vector<JournalEntry>> filtered(std::vector<JournalEntry> entries, const QueryParameters& query) {
    const auto since = number_of(query, "since"), limit = number_of(query, "limit"),
               status = number_of(query, "status");
    for (const auto& number : {since, limit, status}) {
        if (!number) return tl::unexpected<Error>(number.error());
    }
    const std::string kind = value_of(query, "kind"), endpoint = value_of(query, "endpoint");
    if (!kind.empty() && kind != "request" && kind != "notification") {
        return refuse_key("kind", "must be request or notification");
    }
    if (!endpoint.empty() && !faults::endpoint_text.parse(endpoint)) {
        return refuse_key("endpoint", "is not an endpoint");
    }
    const std::string mchid = value_of(query, "mchid"), number = value_of(query, "number"),
                      openid = value_of(query, "openid"), fault = value_of(query, "fault");
    std::erase_if(entries, [&](const JournalEntry& entry) {
        if (*since && entry.id <= **since) return true;
        if (!is_wanted(kind, entry.kind == JournalKind::request ? "request" : "notification")) return true;
        if (*status && entry.status != static_cast<int>(**status)) return true;
        if (!is_wanted(mchid, entry.mchid)) return true;
        if (!fault.empty() &&
            std::find(entry.faults.begin(), entry.faults.end(), fault) == entry.faults.end())
            return true;
        const CallFacts facts = facts_of_entry(entry);
        return !is_wanted(endpoint, name(facts.endpoint)) || !is_wanted(number, facts.number) ||
               !is_wanted(openid, facts.openid);
    });
    if (*limit && entries.size() > **limit) {
        entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(**limit));
    }
    return entries;
}

std::string journal_json(std::span<const JournalEntry> entries) {
    json list = json::array();
    for (const JournalEntry& entry : entries) list.push_back(entry_json(entry));
    return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<bank::Bill> filtered(std::vector<bank::Bill> bills, const QueryParameters& query) {
    const std::string mchid = value_of(query, "mchid"), number = value_of(query, "number"),
                      openid = value_of(query, "openid");
    std::erase_if(bills, [&](const bank::Bill& bill) {
        return !is_wanted(mchid, bill.order.mchid) || !is_wanted(number, bill.order.out_bill_no) ||
               !is_wanted(openid, bill.order.openid);
    });
    return bills;
}

Result<Assertion> assert_counts(std::span<const JournalEntry> entries, std::span<const bank::Bill> bills,
                                const QueryParameters& query) {
    const auto count_kind = [&](JournalKind kind) {
        return static_cast<std::uint64_t>(
            std::count_if(entries.begin(), entries.end(), [kind](const JournalEntry& entry) {
                return entry.kind == kind && entry.guise != name(Guise::lost);
            }));
    };
    const auto paid = static_cast<std::uint64_t>(std::count_if(
        bills.begin(), bills.end(), [](const auto& bill) { return bill.state == bank::BillState::success; }));
    const Count counts[] = {{"bills", bills.size()},
                            {"paid", paid},
                            {"requests", count_kind(JournalKind::request)},
                            {"notifications", count_kind(JournalKind::notification)}};
    Assertion assertion;
    bool is_any = false;
    for (const Count& count : counts) {
        const auto wanted = number_of(query, count.key);
        if (!wanted) return tl::unexpected<Error>(wanted.error());
        if (!*wanted) continue;
        is_any = true;
        if (count.found == **wanted) continue;
        assertion.holds = false;
        if (!assertion.explanation.empty()) assertion.explanation += "; ";
        assertion.explanation += std::string(count.key) + ": " + std::to_string(**wanted) + " asserted, " +
                                 std::to_string(count.found) + " found";
    }
    if (!is_any)
        return refuse_key("bills", "or paid, requests or notifications must say how many there should be");
    return assertion;
}

}  // namespace tixian::mock
