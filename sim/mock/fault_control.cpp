// SPDX-License-Identifier: MIT
#include "mock/fault_control.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include <nlohmann/json.hpp>

#include "faults/catalogue.hpp"
#include "faults/duration.hpp"
#include "faults/magic.hpp"
#include "faults/rule_text.hpp"
#include "mock/answers.hpp"
#include "mock/bill_control.hpp"
#include "mock/call_facts.hpp"
#include "mock/journal_query.hpp"
#include "mock/page_assets.hpp"
#include "mock/text.hpp"
#include "mock/verdicts.hpp"

namespace tixian::mock {
namespace {

using bank::Bank, bank::Bill;
using faults::Node;
using nlohmann::json;

constexpr std::string_view prefix = "/_mock/";
constexpr std::string_view user_rule_prefix = "user:";

Answer text_answer(std::string body) {
    Answer answer;
    answer.body = std::move(body);
    return answer;
}
Answer node_answer(const Node& node) { return text_answer(print_json(node)); }
Answer bad_request(const Error& error) { return error_answer(400, "INVALID_REQUEST", error.message); }
Answer no_such(const char* what) { return error_answer(404, "NOT_FOUND", std::string("no such ") + what); }

bool has_key(const Node& node, std::string_view key) {
    const auto* object = std::get_if<Node::Object>(&node.value);
    return object != nullptr && std::any_of(object->begin(), object->end(),
                                            [&](const auto& member) { return member.first == key; });
}

bool is_user(const faults::Rule& rule) { return rule.name.starts_with(user_rule_prefix); }

// "faults/{}/enable" and "faults/x/enable"; what stands in the place goes to `part`.
bool is_path(std::string_view pattern, std::string_view path, std::string& part) {
    const std::size_t mark = pattern.find("{}");
    if (mark == std::string_view::npos) return pattern == path;
    const std::string_view head = pattern.substr(0, mark), tail = pattern.substr(mark + 2);
    if (path.size() <= head.size() + tail.size() || !path.starts_with(head) || !path.ends_with(tail))
        return false;
    const auto decoded = url_decode(path.substr(head.size(), path.size() - head.size() - tail.size()));
    if (!decoded || decoded->find('/') != std::string::npos) return false;
    part = *decoded;
    return true;
}

std::string_view content_type_of(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    return "application/yaml; charset=utf-8";
}

Answer asset_answer(std::string_view name) {
    const auto all = assets();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Asset& asset) { return asset.name == name; });
    if (found == all.end()) return no_such("file");
    Answer answer = text_answer(std::string(found->bytes));
    answer.content_type = content_type_of(name);
    answer.headers = {{"Cache-Control", "no-cache"}, {"Content-Security-Policy", "default-src 'self'"}};
    return answer;
}

}  // namespace

struct FaultControl::Asked {
    const Request& request;
    std::string part;
    std::map<std::string, std::string> query;
};

struct FaultControl::Route {
    std::string_view method;
    std::string_view path;
    Answer (FaultControl::*act)(const Asked&);
};

const std::vector<FaultControl::Route>& FaultControl::table() {
    static const std::vector<Route> routes = {
        {"GET", "catalogue", &FaultControl::catalogue},
        {"GET", "magic", &FaultControl::magic},
        {"GET", "faults", &FaultControl::faults},
        {"POST", "faults", &FaultControl::add_fault},
        {"DELETE", "faults", &FaultControl::remove_faults},
        {"DELETE", "faults/{}", &FaultControl::remove_fault},
        {"POST", "faults/{}/enable", &FaultControl::enable},
        {"POST", "faults/{}/disable", &FaultControl::disable},
        {"POST", "seed", &FaultControl::set_seed},
        {"GET", "users", &FaultControl::users},
        {"POST", "users", &FaultControl::put_user},
        {"DELETE", "users/{}", &FaultControl::remove_user},
        {"GET", "time", &FaultControl::time},
        {"POST", "time", &FaultControl::advance},
        {"GET", "rewrites", &FaultControl::rewrites},
        {"POST", "rewrites", &FaultControl::set_rewrites},
        {"GET", "journal", &FaultControl::journal},
        {"GET", "requests", &FaultControl::requests},
        {"GET", "assert", &FaultControl::assert_that},
        {"GET", "verdicts", &FaultControl::verdicts},
        {"POST", "bills/{}/refuse", &FaultControl::refuse},
        {"POST", "bills/{}/notify", &FaultControl::notify},
        {"GET", "openapi.yaml", &FaultControl::openapi},
        {"GET", "ui", &FaultControl::page},
        {"GET", "ui/{}", &FaultControl::page_file},
    };
    return routes;
}

std::vector<std::string> FaultControl::routes() {
    std::vector<std::string> names;
    for (const Route& route : table())
        names.push_back(std::string(route.method) + " " + std::string(route.path));
    return names;
}

std::optional<Answer> FaultControl::answer(const Request& request) {
    const std::string path = request.path().substr(prefix.size());
    Asked asked{request, {}, parse_query(request.query())};
    for (const Route& route : table()) {
        if (route.method == request.method && is_path(route.path, path, asked.part)) {
            return (this->*route.act)(asked);
        }
    }
    return std::nullopt;
}

Answer FaultControl::catalogue(const Asked&) {
    Node::Array rows;
    for (const faults::FaultRow& row : faults::catalogue()) rows.push_back(to_node(row));
    return node_answer(rows);
}

Answer FaultControl::magic(const Asked&) {
    Node::Array rows;
    for (const faults::MagicRow& row : faults::magic_table()) {
        Node::Object object{{"fault", faults::name(row.fault)}, {"sentence", row.sentence}};
        if (row.fen != 0) object.emplace_back("fen", row.fen);
        if (!row.openid.empty()) object.emplace_back("openid", row.openid);
        rows.emplace_back(std::move(object));
    }
    return node_answer(rows);
}

Answer FaultControl::faults(const Asked&) {
    Node::Array rules;
    for (const faults::RuleStatus& status : parts_.faults.rules()) {
        if (!is_user(status.rule)) rules.push_back(to_node(status));
    }
    return node_answer(Node::Object{{"seed", static_cast<std::int64_t>(parts_.faults.seed())},
                                    {"faults", std::move(rules)}});
}

Answer FaultControl::add_fault(const Asked& asked) {
    const auto node = faults::parse_json(asked.request.body);
    if (!node) return bad_request(node.error());
    const auto rule = faults::rule_from(*node);
    if (!rule) return bad_request(rule.error());
    const auto added = parts_.faults.add(*rule, has_key(*node, "name"));
    if (!added) {
        return added.error().code == ErrorCode::conflict
                   ? error_answer(409, "CONFLICT", added.error().message)
                   : bad_request(added.error());
    }
    return node_answer(to_node(*added));
}

Answer FaultControl::remove_faults(const Asked&) {
    parts_.faults.remove_all();
    return text_answer("{}");
}

Answer FaultControl::remove_fault(const Asked& asked) {
    return parts_.faults.remove(asked.part) ? text_answer("{}") : no_such("fault");
}

Answer FaultControl::enable(const Asked& asked) {
    return parts_.faults.set_enabled(asked.part, true) ? text_answer("{}") : no_such("fault");
}

Answer FaultControl::disable(const Asked& asked) {
    return parts_.faults.set_enabled(asked.part, false) ? text_answer("{}") : no_such("fault");
}

Answer FaultControl::set_seed(const Asked& asked) {
    const auto node = faults::parse_json(asked.request.body);
    if (!node) return bad_request(node.error());
    faults::Problem problem;
    faults::Reader reader(*node, "", problem);
    std::int64_t seed = 0;
    if (!reader.number("seed", 0, std::numeric_limits<std::int64_t>::max(), seed))
        reader.tell("", "needs \"seed\"");
    reader.done();
    if (problem.error()) return bad_request(*problem.error());
    parts_.faults.set_seed(static_cast<std::uint64_t>(seed));
    return node_answer(Node::Object{{"seed", seed}});
}

Answer FaultControl::users(const Asked&) {
    Node::Array users;
    for (const faults::RuleStatus& status : parts_.faults.rules()) {
        if (is_user(status.rule)) users.push_back(user_node(status.rule));
    }
    return node_answer(users);
}

Answer FaultControl::put_user(const Asked& asked) {
    const auto user = faults::parse_json(asked.request.body).and_then(faults::user_from);
    if (!user) return bad_request(user.error());
    if (const auto put = parts_.faults.put_user(*user); !put) return bad_request(put.error());
    return node_answer(user_node(*user));
}

Answer FaultControl::remove_user(const Asked& asked) {
    return parts_.faults.remove(std::string(user_rule_prefix) + asked.part) ? text_answer("{}")
                                                                            : no_such("user");
}

Answer FaultControl::time(const Asked&) {
    return node_answer(Node::Object{{"business", precise_time_text(parts_.business.now())},
                                    {"protocol", precise_time_text(parts_.real.now())},
                                    {"ahead", faults::duration_text(parts_.business.ahead())}});
}

Answer FaultControl::advance(const Asked& asked) {
    constexpr Duration jump_max = std::chrono::hours(24 * 366);
    const auto node = faults::parse_json(asked.request.body);
    if (!node) return bad_request(node.error());
    faults::Problem problem;
    faults::Reader reader(*node, "", problem);
    Duration by{0};
    if (!reader.duration("advance", Duration(1), jump_max, by))
        reader.tell("", "needs \"advance\", like \"24h\"");
    reader.done();
    if (problem.error()) return bad_request(*problem.error());
    parts_.business.advance(by);
    parts_.bank.time_jumped();
    return time(asked);
}

Answer FaultControl::rewrites(const Asked&) {
    Node::Array list;
    for (const Rewrite& rewrite : parts_.faults.rewrites()) {
        list.emplace_back(Node::Object{{"from", rewrite.from}, {"to", rewrite.to}});
    }
    return node_answer(list);
}

Answer FaultControl::set_rewrites(const Asked& asked) {
    constexpr std::size_t length_max = 256;
    const auto node = faults::parse_json(asked.request.body);
    if (!node) return bad_request(node.error());
    faults::Problem problem;
    faults::Reader reader(*node, "", problem);
    std::vector<Rewrite> rewrites;
    reader.each("rewrites", [&](const Node& one, const std::string& path) {
        faults::Reader entry(one, path, problem);
        Rewrite rewrite;
        for (auto [key, target] : {std::pair("from", &rewrite.from), std::pair("to", &rewrite.to)}) {
            if (!entry.text(key, length_max, *target)) entry.tell("", std::string("needs \"") + key + "\"");
            if (!parse_http_url(*target)) entry.tell(key, "must begin with http:// or https:// and a host");
        }
        entry.done();
        rewrites.push_back(std::move(rewrite));
    });
    reader.done();
    if (problem.error()) return bad_request(*problem.error());
    parts_.faults.set_rewrites(std::move(rewrites));
    return this->rewrites(asked);
}

Answer FaultControl::journal(const Asked& asked) {
    const auto entries = filtered(parts_.journal.entries(), asked.query);
    if (!entries) return bad_request(entries.error());
    return text_answer(journal_json(*entries));
}

Answer FaultControl::requests(const Asked& asked) {
    auto query = asked.query;
    query["kind"] = "request";
    const auto entries = filtered(parts_.journal.entries(), query);
    if (!entries) return bad_request(entries.error());
    return text_answer(journal_json(*entries));
}

Answer FaultControl::assert_that(const Asked& asked) {
    const auto entries = filtered(parts_.journal.entries(), asked.query);
    if (!entries) return bad_request(entries.error());
    const auto bills = filtered(parts_.bank.bills(), asked.query);
    const auto assertion = assert_counts(*entries, bills, asked.query);
    if (!assertion) return bad_request(assertion.error());
    Answer answer = node_answer(
        Node::Object{{"holds", assertion->holds}, {"explanation", std::string_view(assertion->explanation)}});
    if (!assertion->holds) answer.status = 409;
    return answer;
}

Answer FaultControl::verdicts(const Asked& asked) {
    const auto entries = parts_.journal.entries();
    const auto wanted = asked.query.find("mchid");
    json list = json::array();
    for (const Verdict& verdict : mock::verdicts(entries, parts_.bank.bills())) {
        if (wanted != asked.query.end() && wanted->second != verdict.mchid) continue;
        list.push_back({{"sin", name(verdict.sin)},
                        {"mchid", verdict.mchid},
                        {"number", verdict.number},
                        {"sentence", verdict.sentence},
                        {"evidence", verdict.evidence}});
    }
    return text_answer(list.dump(-1, ' ', false, json::error_handler_t::replace));
}

Answer FaultControl::refuse(const Asked& asked) {
    const auto wanted = asked.query.find("mchid");
    const std::string mchid = wanted == asked.query.end() ? parts_.mchid : wanted->second;
    const auto bill = parts_.bank.with([&](Bank& bank, Timestamp now) {
        return bank.fail(mchid, asked.part, "OTHER_FAIL_REASON_TYPE", now);
    });
    return bill ? text_answer(bill_json(*bill)) : refusal_answer(bill.error());
}

Answer FaultControl::notify(const Asked& asked) {
    const auto wanted = asked.query.find("mchid");
    const std::string mchid = wanted == asked.query.end() ? parts_.mchid : wanted->second;
    const auto bill = parts_.bank.with([&](Bank& bank, Timestamp) { return bank.find(mchid, asked.part); });
    if (!bill) return no_such("bill");
    if (!bank::is_final(bill->state) || bill->order.notify_url.empty()) {
        return error_answer(409, "CONFLICT", "only a final bill with a notify_url is notified");
    }
    bank::DueNotification again;
    again.mchid = mchid;
    again.notify_url = bill->order.notify_url;
    again.subject = *bill;
    // As it was sent before, if it was.
    for (const JournalEntry& entry : parts_.journal.entries()) {
        const bool is_earlier = entry.kind == JournalKind::notification && entry.guise == "true" &&
                                entry.mchid == mchid && facts_of("", "", entry.body).number == asked.part;
        if (is_earlier) again.id = entry.notification_id;
    }
    if (again.id.empty()) again.id = random_text(32);
    return node_answer(Node::Object{{"status", parts_.notifier.replay(again)}});
}

Answer FaultControl::openapi(const Asked&) { return asset_answer("openapi.yaml"); }
Answer FaultControl::page(const Asked&) {
    Answer answer;
    answer.status = 307;
    answer.headers = {{"Location", "/_mock/ui/index.html"}};
    return answer;
}
Answer FaultControl::page_file(const Asked& asked) { return asset_answer(asked.part); }

}  // namespace tixian::mock
