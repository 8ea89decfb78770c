// SPDX-License-Identifier: MIT
#include "faults/scenario.hpp"

#include <limits>
#include <set>

#include "faults/catalogue.hpp"
#include "faults/duration.hpp"
#include "faults/reader.hpp"
#include "faults/rule_text.hpp"
#include "tixian/ids.hpp"

namespace tixian::faults {
namespace {

constexpr std::size_t id_length_max = 32, name_length_max = 64, text_length_max = 4096;
constexpr Duration time_max = std::chrono::hours(24 * 366), day = std::chrono::hours(24);

struct TimeRow {
    std::string_view key;
    std::optional<Duration> WechatTimes::* member;
};
constexpr TimeRow time_rows[] = {
    {"accept_after", &WechatTimes::accept_after},     {"lock_after", &WechatTimes::lock_after},
    {"transfer_after", &WechatTimes::transfer_after}, {"cancel_after", &WechatTimes::cancel_after},
    {"confirm_after", &WechatTimes::confirm_after},   {"expire_after", &WechatTimes::expire_after},
};

WechatTimes read_times(Reader reader) {
    WechatTimes times;
    for (const TimeRow& row : time_rows) {
        Duration value{0};
        if (reader.duration(row.key, Duration(0), time_max, value)) times.*row.member = value;
    }
    reader.done();
    return times;
}

struct QuotaRow {
    std::string_view key;
    std::optional<Money> Quotas::* member;
};
constexpr QuotaRow quota_rows[] = {
    {"per_bill_min", &Quotas::per_bill_min},
    {"per_bill_max", &Quotas::per_bill_max},
    {"per_user_and_day", &Quotas::per_user_and_day},
    {"per_day", &Quotas::per_day},
    {"per_month", &Quotas::per_month},
};

Quotas read_quotas(Reader reader) {
    Quotas quotas;
    for (const QuotaRow& row : quota_rows) {
        Money value;
        if (reader.money(row.key, value)) quotas.*row.member = value;
    }
    if (quotas.per_bill_min && quotas.per_bill_max && *quotas.per_bill_min > *quotas.per_bill_max) {
        reader.tell("per_bill_min", "must not be above per_bill_max");
    }
    reader.done();
    return quotas;
}

TopUp read_top_up(const Node& node, const std::string& path, Problem& problem) {
    Reader reader(node, path, problem);
    TopUp top_up;
    if (!reader.duration("after", Duration(0), time_max, top_up.after)) reader.tell("", "needs \"after\"");
    if (!reader.money("fen", top_up.amount)) reader.tell("", "needs \"fen\"");
    reader.done();
    return top_up;
}

Merchant read_merchant(const Node& node, const std::string& path, Problem& problem) {
    Reader reader(node, path, problem);
    Merchant merchant;
    if (!reader.text("mchid", id_length_max, merchant.mchid)) reader.tell("", "needs \"mchid\"");
    if (reader.text("appid", id_length_max, merchant.appid) && !Appid::parse(merchant.appid)) {
        reader.tell("appid", "must be 1 to 32 letters or digits");
    }
    if (!Mchid::parse(merchant.mchid)) reader.tell("mchid", "must be 1 to 32 letters or digits");
    Money balance;
    if (reader.money("balance", balance)) merchant.balance = balance;
    if (auto quotas = reader.table("quotas")) merchant.quotas = read_quotas(std::move(*quotas));
    reader.each("top_ups", [&](const Node& one, const std::string& where) {
        merchant.top_ups.push_back(read_top_up(one, where, problem));
    });
    reader.done();
    return merchant;
}

std::map<std::string, bool> read_switches(Reader reader) {
    std::map<std::string, bool> switches;
    for (const std::string& key : reader.keys()) {
        bool value = false;
        if (reader.flag(key, value)) switches[key] = value;
    }
    return switches;
}

void read_faults(Reader& reader, Problem& problem, std::vector<Rule>& faults) {
    std::set<std::string> taken;
    reader.each("faults", [&](const Node& node, const std::string& path) {
        Rule rule = read_rule(node, path, problem);
        if (taken.contains(rule.name)) {
            if (rule.name != name(rule.fault)) {
                problem.tell(node.line, path + ".name", "is the name of an earlier fault, too");
            }
            rule.name = free_name(rule.name, [&](const std::string& one) { return taken.contains(one); });
        }
        taken.insert(rule.name);
        faults.push_back(std::move(rule));
    });
}

void read_users(Reader& reader, Problem& problem, std::vector<Rule>& users) {
    std::set<std::string> taken;
    reader.each("users", [&](const Node& node, const std::string& path) {
        Rule user = read_user(node, path, problem);
        if (!taken.insert(user.name).second) problem.tell(node.line, path + ".openid", "stands here twice");
        users.push_back(std::move(user));
    });
}

void read_merchants(Reader& reader, Problem& problem, std::vector<Merchant>& merchants) {
    std::set<std::string> taken;
    reader.each("merchants", [&](const Node& node, const std::string& path) {
        Merchant merchant = read_merchant(node, path, problem);
        if (!taken.insert(merchant.mchid).second)
            problem.tell(node.line, path + ".mchid", "stands here twice");
        merchants.push_back(std::move(merchant));
    });
}

Node merchant_node(const Merchant& merchant) {
    Node::Object object{{"mchid", merchant.mchid}};
    if (!merchant.appid.empty()) object.emplace_back("appid", merchant.appid);
    if (merchant.balance) object.emplace_back("balance", merchant.balance->fen());
    Node::Object quotas;
    for (const QuotaRow& row : quota_rows) {
        const auto& value = merchant.quotas.*row.member;
        if (value) quotas.emplace_back(row.key, value->fen());
    }
    if (!quotas.empty()) object.emplace_back("quotas", std::move(quotas));
    Node::Array top_ups;
    for (const TopUp& top_up : merchant.top_ups) {
        top_ups.emplace_back(
            Node::Object{{"after", duration_text(top_up.after)}, {"fen", top_up.amount.fen()}});
    }
    if (!top_ups.empty()) object.emplace_back("top_ups", std::move(top_ups));
    return object;
}

template <class Values, class ToNode>
void add_list(Node::Object& object, const char* key, const Values& values, ToNode one) {
    Node::Array list;
    for (const auto& value : values) list.push_back(one(value));
    if (!list.empty()) object.emplace_back(key, std::move(list));
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view toml) {
    const auto node = parse_toml(toml);
    if (!node) return tl::unexpected<Error>(node.error());
    return scenario_from(*node);
}

Result<Scenario> scenario_from(const Node& node) {
    Problem problem;
    Scenario scenario;
    Reader reader(node, "", problem);
    reader.text("name", name_length_max, scenario.name);
    reader.text("description", text_length_max, scenario.description);
    std::int64_t seed = 1;
    reader.number("seed", 0, std::numeric_limits<std::int64_t>::max(), seed);
    scenario.seed = static_cast<std::uint64_t>(seed);
    Duration starts_at{0};
    if (reader.duration("starts_at", Duration(0), day, starts_at)) scenario.starts_at = starts_at;
    if (auto times = reader.table("times")) scenario.times = read_times(std::move(*times));
    if (auto switches = reader.table("switches")) scenario.switches = read_switches(std::move(*switches));
    read_merchants(reader, problem, scenario.merchants);
    read_users(reader, problem, scenario.users);
    read_faults(reader, problem, scenario.faults);
    reader.done();
    if (problem.error()) return tl::unexpected<Error>(*problem.error());
    return scenario;
}

Node to_node(const Scenario& scenario) {
    Node::Object object;
    if (!scenario.name.empty()) object.emplace_back("name", scenario.name);
    if (!scenario.description.empty()) object.emplace_back("description", scenario.description);
    object.emplace_back("seed", static_cast<std::int64_t>(scenario.seed));
    if (scenario.starts_at) object.emplace_back("starts_at", duration_text(*scenario.starts_at));
    Node::Object times, switches;
    for (const TimeRow& row : time_rows) {
        const auto& value = scenario.times.*row.member;
        if (value) times.emplace_back(row.key, duration_text(*value));
    }
    if (!times.empty()) object.emplace_back("times", std::move(times));
    for (const auto& [key, value] : scenario.switches) switches.emplace_back(key, value);
    if (!switches.empty()) object.emplace_back("switches", std::move(switches));
    add_list(object, "merchants", scenario.merchants, merchant_node);
    add_list(object, "users", scenario.users, user_node);
    add_list(object, "faults", scenario.faults, [](const Rule& rule) { return to_node(rule); });
    return object;
}

}  // namespace tixian::faults
