// SPDX-License-Identifier: MIT
#include "faults/rule_text.hpp"

#include <limits>

#include "faults/catalogue.hpp"
#include "faults/duration.hpp"

namespace tixian::faults {
namespace {

constexpr std::size_t length_max = 64;
constexpr std::int64_t number_max = std::numeric_limits<std::int64_t>::max();
constexpr Duration time_max = std::chrono::hours(24 * 366);
constexpr std::string_view user_prefix = "user_", user_rule_prefix = "user:";

Node value_node(const ParameterRow& row, const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    const std::int64_t number = std::get<std::int64_t>(value);
    if (row.type == ParameterType::duration) return duration_text(Duration(number));
    if (row.type == ParameterType::flag) return number != 0;
    return number;
}

Node::Object parameters_node(Fault fault, const Parameters& parameters) {
    Node::Object object;
    const auto rows = row_of(fault).parameters();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        object.emplace_back(rows[i].name, value_node(rows[i], parameters.at(i)));
    }
    return object;
}

Node match_node(const Match& match) {
    Node::Object object;
    if (!match.endpoints.empty()) {
        Node::Array endpoints;
        for (const Endpoint endpoint : match.endpoints) endpoints.emplace_back(name(endpoint));
        object.emplace_back("endpoint", std::move(endpoints));
    }
    if (!match.mchid.empty()) object.emplace_back("mchid", match.mchid);
    if (!match.number.empty()) object.emplace_back("number", match.number);
    if (!match.openid.empty()) object.emplace_back("openid", match.openid);
    if (match.amount_min) object.emplace_back("amount_min", match.amount_min->fen());
    if (match.amount_max) object.emplace_back("amount_max", match.amount_max->fen());
    if (match.attempt_min) object.emplace_back("attempt_min", *match.attempt_min);
    if (match.attempt_max) object.emplace_back("attempt_max", *match.attempt_max);
    return object;
}

void read_parameter(Reader& reader, const ParameterRow& row, Rule& rule) {
    std::int64_t number = 0;
    std::string text;
    Duration duration{0};
    bool flag = false, is_there = false;
    switch (row.type) {
        case ParameterType::number:
            is_there = reader.number(row.name, row.min, row.max, number);
            break;
        case ParameterType::duration:
            is_there = reader.duration(row.name, Duration(row.min), Duration(row.max), duration);
            number = duration.count();
            break;
        case ParameterType::flag:
            is_there = reader.flag(row.name, flag);
            number = flag ? 1 : 0;
            break;
        case ParameterType::text:
            is_there = reader.text(row.name, static_cast<std::size_t>(row.max), text);
            break;
    }
    if (!is_there) return;
    const Value value = row.type == ParameterType::text ? Value(text) : Value(number);
    const auto set = set_parameter(rule, row.name, value);
    if (!set) reader.tell(row.name, set.error().message);
}

void read_endpoints(Reader& reader, Problem& problem, std::vector<Endpoint>& endpoints) {
    const auto read_one = [&](const Node& node, const std::string& path) {
        const auto* text = std::get_if<std::string>(&node.value);
        const auto endpoint = text == nullptr ? std::nullopt : endpoint_text.parse(*text);
        if (endpoint) return endpoints.push_back(*endpoint);
        const std::vector<std::string_view> known(endpoint_text.names.begin(), endpoint_text.names.end());
        problem.tell(node.line, path,
                     "is not an endpoint" + suggestion(text == nullptr ? std::string_view() : *text, known));
    };
    const Node* node = reader.any("endpoint");
    if (node == nullptr) return;
    if (std::holds_alternative<Node::Array>(node->value)) return reader.each("endpoint", read_one);
    read_one(*node, "match.endpoint");
}

Match read_match(Reader reader, Problem& problem) {
    constexpr std::int64_t attempt_max = 1'000'000;
    Match match;
    read_endpoints(reader, problem, match.endpoints);
    reader.text("mchid", length_max, match.mchid);
    reader.text("number", length_max, match.number);
    reader.text("openid", length_max, match.openid);
    Money amount;
    if (reader.money("amount_min", amount)) match.amount_min = amount;
    if (reader.money("amount_max", amount)) match.amount_max = amount;
    std::int64_t attempt = 0;
    if (reader.number("attempt_min", 1, attempt_max, attempt)) match.attempt_min = static_cast<int>(attempt);
    if (reader.number("attempt_max", 1, attempt_max, attempt)) match.attempt_max = static_cast<int>(attempt);
    reader.done();
    return match;
}

void read_numbers(Reader& reader, Rule& rule) {
    constexpr std::int64_t small_max = 1'000'000;
    std::string probability;
    if (reader.text("probability", length_max, probability)) {
        const auto parsed = parse_probability(probability);
        parsed ? void(rule.probability = *parsed) : reader.tell("probability", parsed.error().message);
    }
    std::int64_t number = 0;
    if (reader.number("seed", 0, number_max, number)) rule.seed = static_cast<std::uint64_t>(number);
    if (reader.number("count", 0, number_max, number)) rule.count = number;
    if (reader.number("count_per_number", 1, small_max, number))
        rule.count_per_number = static_cast<int>(number);
    if (reader.number("burst", 1, small_max, number)) rule.burst = static_cast<int>(number);
    reader.duration("after", Duration(0), time_max, rule.after);
    Duration until{0};
    if (reader.duration("until", Duration(0), time_max, until)) rule.until = until;
    reader.flag("enabled", rule.is_enabled);
}

std::optional<Fault> read_fault(Reader& reader, std::string_view key, std::string_view prefix) {
    std::string text;
    if (!reader.text(key, length_max, text)) {
        reader.tell("", "needs \"" + std::string(key) + "\"");
        return std::nullopt;
    }
    const auto fault = parse_fault(std::string(prefix) + text);
    if (fault) return fault;
    std::vector<std::string_view> known;
    for (const FaultRow& row : catalogue()) {
        if (row.name.starts_with(prefix)) known.push_back(row.name.substr(prefix.size()));
    }
    reader.tell(key, "names nothing in the catalogue" + suggestion(text, known));
    return std::nullopt;
}

template <class Read>
Result<Rule> read_alone(const Node& node, Read read) {
    Problem problem;
    Rule rule = read(node, std::string(), problem);
    if (problem.error()) return tl::unexpected<Error>(*problem.error());
    return rule;
}

}  // namespace

Node to_node(const Rule& rule) {
    Node::Object object{{"name", rule.name}, {"fault", name(rule.fault)}};
    auto parameters = parameters_node(rule.fault, rule.parameters);
    if (!parameters.empty()) object.emplace_back("with", std::move(parameters));
    if (rule.match != Match{}) object.emplace_back("match", match_node(rule.match));
    object.emplace_back("probability", probability_text(rule.probability));
    if (rule.seed) object.emplace_back("seed", static_cast<std::int64_t>(*rule.seed));
    if (rule.count) object.emplace_back("count", *rule.count);
    if (rule.count_per_number) object.emplace_back("count_per_number", *rule.count_per_number);
    if (rule.burst != 1) object.emplace_back("burst", rule.burst);
    if (rule.after > Duration(0)) object.emplace_back("after", duration_text(rule.after));
    if (rule.until) object.emplace_back("until", duration_text(*rule.until));
    object.emplace_back("enabled", rule.is_enabled);
    return object;
}

Rule read_rule(const Node& node, const std::string& path, Problem& problem) {
    Reader reader(node, path, problem);
    const auto fault = read_fault(reader, "fault", "");
    Rule rule = make_rule(fault.value_or(Fault::error));
    reader.text("name", length_max, rule.name);
    read_numbers(reader, rule);
    if (auto match = reader.table("match")) rule.match = read_match(std::move(*match), problem);
    if (auto with = reader.table("with")) {
        for (const ParameterRow& row : row_of(rule.fault).parameters()) read_parameter(*with, row, rule);
        if (fault) with->done();
    }
    reader.done();
    if (const auto checked = check(rule); !checked) {
        problem.tell(node.line, path.empty() ? checked.error().field : path + "." + checked.error().field,
                     checked.error().message);
    }
    return rule;
}

Result<Rule> rule_from(const Node& node) { return read_alone(node, read_rule); }

std::string free_name(const std::string& name, const std::function<bool(const std::string&)>& is_taken) {
    std::string free = name;
    for (int i = 2; is_taken(free); ++i) free = name + "-" + std::to_string(i);
    return free;
}

Rule read_user(const Node& node, const std::string& path, Problem& problem) {
    Reader reader(node, path, problem);
    std::string openid;
    if (!reader.text("openid", length_max, openid) || openid.empty()) reader.tell("", "needs \"openid\"");
    const auto fault = read_fault(reader, "behaviour", user_prefix);
    Rule rule = make_rule(fault.value_or(Fault::user_never_confirms));
    rule.name = std::string(user_rule_prefix) + openid;
    rule.match.openid = openid;
    if (reader.text("mchid", length_max, rule.match.mchid)) rule.name += "@" + rule.match.mchid;
    for (const ParameterRow& row : row_of(rule.fault).parameters()) read_parameter(reader, row, rule);
    if (fault) reader.done();
    if (const auto checked = check(rule); !checked) reader.tell("openid", checked.error().message);
    return rule;
}

Result<Rule> user_from(const Node& node) { return read_alone(node, read_user); }

Node user_node(const Rule& rule) {
    Node::Object object{{"openid", rule.match.openid},
                        {"behaviour", name(rule.fault).substr(user_prefix.size())}};
    if (!rule.match.mchid.empty()) object.emplace_back("mchid", rule.match.mchid);
    for (auto& entry : parameters_node(rule.fault, rule.parameters)) object.push_back(std::move(entry));
    return object;
}

Node to_node(const FaultRow& row) {
    constexpr detail::EnumText<ParameterType, 4> type_text{{"number", "duration", "flag", "text"}};
    Node::Array endpoints, parameters;
    for (std::size_t i = 0; i < endpoint_count; ++i) {
        const auto endpoint = static_cast<Endpoint>(i);
        if (row.applies_to(endpoint)) endpoints.emplace_back(name(endpoint));
    }
    for (const ParameterRow& parameter : row.parameters()) {
        const bool is_text = parameter.type == ParameterType::text;
        Node::Object object{{"name", parameter.name}, {"type", type_text.name(parameter.type)}};
        const auto bound = [&](std::int64_t value) { return value_node(parameter, value); };
        if (parameter.type == ParameterType::number || parameter.type == ParameterType::duration) {
            object.emplace_back("min", bound(parameter.min));
            object.emplace_back("max", bound(parameter.max));
        }
        object.emplace_back("default",
                            is_text ? Node(parameter.default_text) : bound(parameter.default_number));
        parameters.emplace_back(std::move(object));
    }
    return Node::Object{{"name", row.name},
                        {"kind", name(row.kind)},
                        {"sentence", row.sentence},
                        {"certainty", std::string(1, row.certainty)},
                        {"endpoints", std::move(endpoints)},
                        {"parameters", std::move(parameters)}};
}

Node to_node(const RuleStatus& status) {
    Node node = to_node(status.rule);
    auto& object = std::get<Node::Object>(node.value);
    object.emplace_back("met", status.met);
    object.emplace_back("fired", status.fired);
    return node;
}

Node to_node(const Drawn& drawn) {
    return Node::Object{{"fault", name(drawn.fault)},
                        {"rule", drawn.rule},
                        {"with", parameters_node(drawn.fault, drawn.parameters)}};
}

std::string probability_text(Probability probability) {
    constexpr int per_percent = Probability::always / 100;
    std::string text = std::to_string(probability.per_million / per_percent);
    const int rest = probability.per_million % per_percent;
    if (rest != 0) {
        std::string decimals = std::to_string(per_percent + rest).substr(1);
        decimals.erase(decimals.find_last_not_of('0') + 1);
        text += "." + decimals;
    }
    return text + "%";
}

Result<Probability> parse_probability(std::string_view text) {
    constexpr std::size_t whole_max = 3, decimals_max = 4;
    const auto refused = [] {
        return refuse(ErrorCode::invalid_argument, "must be a share like \"5%\" or \"0.25%\", at most 100%");
    };
    if (!text.ends_with('%')) return refused();
    text.remove_suffix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    std::string decimals(point == std::string_view::npos ? std::string_view() : text.substr(point + 1));
    const bool has_digits = !whole.empty() && whole.size() <= whole_max && decimals.size() <= decimals_max &&
                            (point == std::string_view::npos || !decimals.empty());
    if (!has_digits) return refused();
    decimals.append(decimals_max - decimals.size(), '0');
    std::int32_t per_million = 0;
    for (const char c : std::string(whole) + decimals) {
        if (c < '0' || c > '9') return refused();
        per_million = per_million * 10 + (c - '0');
    }
    if (per_million > Probability::always) return refused();
    return Probability{per_million};
}

}  // namespace tixian::faults
