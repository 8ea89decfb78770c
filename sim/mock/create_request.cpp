// SPDX-License-Identifier: MIT
#include "mock/create_request.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "mock/answers.hpp"
#include "mock/scenes.hpp"
#include "mock/text.hpp"

namespace tixian::mock {
namespace {

using nlohmann::json;
using Problem = std::optional<Answer>;

// wechat_spec 1.2, in fen.
constexpr std::int64_t amount_min = 10, amount_max_without_name = 200'000, amount_min_with_name = 30,
                       red_packet_max = 20'000;

// JSON without duplicate keys: of two, nlohmann would silently keep the last.
std::optional<json> parse_strictly(const std::string& text) {
    std::vector<std::set<std::string>> open;
    bool has_duplicate = false;
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) open.emplace_back();
        if (event == json::parse_event_t::object_end) open.pop_back();
        if (event == json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second) {
            has_duplicate = true;
        }
        return true;
    };
    json value = json::parse(text, watch, false);
    if (value.is_discarded() || has_duplicate || !value.is_object()) return std::nullopt;
    return value;
}

enum class Presence { required, optional };
struct TextRule {
    const char* key;
    std::size_t length_max;
    Presence presence;
    std::string bank::Order::* target;
};
constexpr TextRule text_rules[] = {
    {"appid", 32, Presence::required, &bank::Order::appid},
    {"out_bill_no", 32, Presence::required, &bank::Order::out_bill_no},
    {"transfer_scene_id", 36, Presence::required, &bank::Order::transfer_scene_id},
    {"openid", 64, Presence::required, &bank::Order::openid},
    {"user_name", 1024, Presence::optional, &bank::Order::user_name},
    {"transfer_remark", 32, Presence::required, &bank::Order::remark},
    {"notify_url", 256, Presence::optional, &bank::Order::notify_url},
    {"user_recv_perception", 32, Presence::optional, &bank::Order::perception},
};

Problem take_text(const json& object, const std::string& pointer, const TextRule& rule, std::string& target) {
    const std::string field = pointer + "/" + rule.key;
    const auto found = object.find(rule.key);
    const bool is_required = rule.presence == Presence::required;
    if (found == object.end() || found->is_null()) {
        if (is_required) return param_error(field, "缺少必填参数");
        return std::nullopt;
    }
    if (!found->is_string()) return param_error(field, "参数类型不正确，应为字符串");
    target = found->get<std::string>();
    if (is_required && target.empty()) return param_error(field, "参数不能为空");
    if (character_count(target) > rule.length_max) {
        return param_error(field, "参数长度不得超过" + std::to_string(rule.length_max) + "个字符");
    }
    return std::nullopt;
}

Problem take_amount(const json& body, bank::Order& order) {
    const char* field = "/transfer_amount";
    const auto found = body.find("transfer_amount");
    if (found == body.end() || found->is_null()) return param_error(field, "缺少必填参数");
    if (!found->is_number_integer()) return param_error(field, "参数类型不正确，应为整数");
    // Beyond int64 the value is unsigned, and then certainly too large for Money.
    const bool is_huge =
        found->is_number_unsigned() && found->get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    const auto amount = Money::from_fen(is_huge ? INT64_MAX : found->get<std::int64_t>());
    if (!amount || amount->fen() < amount_min) return param_error(field, "转账金额不得小于10分");
    order.amount = *amount;
    return std::nullopt;
}

Problem take_reports(const json& body, bank::Order& order) {
    const std::string field = "/transfer_scene_report_infos";
    const auto found = body.find("transfer_scene_report_infos");
    if (found == body.end() || found->is_null()) return param_error(field, "需传入转账场景报备信息，请检查");
    if (!found->is_array()) return param_error(field, "参数类型不正确，应为数组");
    for (std::size_t i = 0; i < found->size(); ++i) {
        const std::string pointer = field + "/" + std::to_string(i);
        const json& entry = (*found)[i];
        if (!entry.is_object()) return param_error(pointer, "参数类型不正确，应为对象");
        bank::ReportRow row;
        const TextRule type{"info_type", 15, Presence::required, nullptr};
        const TextRule content{"info_content", 32, Presence::required, nullptr};
        if (Problem problem = take_text(entry, pointer, type, row.info_type)) return problem;
        if (Problem problem = take_text(entry, pointer, content, row.info_content)) return problem;
        order.reports.push_back(std::move(row));
    }
    return std::nullopt;
}

Problem take_style(const json& body, bank::Order& order) {
    const auto found = body.find("user_recv_style");
    if (found == body.end() || found->is_null()) return std::nullopt;
    if (!found->is_object()) return param_error("/user_recv_style", "参数类型不正确，应为对象");
    const TextRule type{"type", 32, Presence::required, nullptr};
    if (Problem problem = take_text(*found, "/user_recv_style", type, order.recv_style)) return problem;
    if (order.recv_style != "CONFIRM_PAGE" && order.recv_style != "RED_PACKET") {
        return param_error("/user_recv_style/type", "收款样式不正确");
    }
    return std::nullopt;
}

Problem check_scene(const bank::Order& order) {
    const Scene* scene = find_scene(order.transfer_scene_id);
    if (scene == nullptr) return param_error("/transfer_scene_id", "转账场景不存在");
    std::vector<std::string_view> sent;
    for (const bank::ReportRow& row : order.reports) sent.push_back(row.info_type);
    if (sent.empty()) return param_error("/transfer_scene_report_infos", "需传入转账场景报备信息，请检查");
    std::vector<std::string_view> wanted = scene->info_types;
    std::sort(sent.begin(), sent.end());
    std::sort(wanted.begin(), wanted.end());
    if (sent != wanted) {
        return param_error("/transfer_scene_report_infos",
                           "未传入完整且对应的转账场景报备信息，请根据接口文档检查");
    }
    const auto& known = scene->perceptions;
    if (!order.perception.empty() && std::find(known.begin(), known.end(), order.perception) == known.end()) {
        return error_answer(400, "INVALID_REQUEST", "暂不支持展示当前传入的用户收款感知");
    }
    if (order.recv_style == "RED_PACKET" &&
        (!scene->allows_red_packet || order.amount.fen() > red_packet_max)) {
        return param_error("/user_recv_style/type", "当前场景或金额不支持红包样式");
    }
    return std::nullopt;
}

Problem check_notify_url(const std::string& url) {
    if (url.empty()) return std::nullopt;
    // Real WeChat asks for https; http is let through so that tests work on the loopback.
    if (!parse_http_url(url) || url.find_first_of("?#") != std::string::npos) {
        return param_error("/notify_url", "通知地址须为http(s)地址且不能携带参数");
    }
    return std::nullopt;
}

// Leaves the plain name in the order.
Problem decrypt_name(const Request& request, const CreateRules& rules, bank::Order& order) {
    const std::int64_t fen = order.amount.fen();
    if (order.user_name.empty()) {
        if (fen >= amount_max_without_name)
            return param_error("/user_name", "转账金额大于等于2000元时须传入收款用户姓名");
        return std::nullopt;
    }
    if (fen < amount_min_with_name)
        return param_error("/user_name", "转账金额小于0.3元时不支持传入收款用户姓名");
    if (request.header("Wechatpay-Serial") != rules.identity.wechatpay_public_key_id) {
        return param_error("Wechatpay-Serial", "加密敏感字段所用的微信支付公钥ID或平台证书序列号不正确",
                           "header");
    }
    const auto name = rules.wechatpay_key.decrypt(order.user_name);
    if (!name || name->empty()) return param_error("/user_name", "敏感字段解密失败");
    order.user_name = *name;
    return std::nullopt;
}

Problem take_fields(const json& body, bank::Order& order) {
    for (const TextRule& rule : text_rules) {
        if (Problem problem = take_text(body, "", rule, order.*rule.target)) return problem;
    }
    if (!is_out_bill_no(order.out_bill_no))
        return param_error("/out_bill_no", "商户单号只能由数字、大小写字母组成");
    if (Problem problem = take_amount(body, order)) return problem;
    if (Problem problem = take_reports(body, order)) return problem;
    if (Problem problem = take_style(body, order)) return problem;
    return check_notify_url(order.notify_url);
}

Problem check_rules(const Request& request, const CreateRules& rules, bank::Order& order) {
    if (order.appid != rules.identity.appid) {
        return error_answer(400, "APPID_MCHID_NOT_MATCH", "商户号和appid没有绑定关系");
    }
    if (Problem problem = check_scene(order)) return problem;
    return decrypt_name(request, rules, order);
}

}  // namespace

bool is_out_bill_no(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
        return ('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z');
    });
}

tl::expected<bank::Order, Answer> parse_create_request(const Request& request, const CreateRules& rules) {
    const auto body = parse_strictly(request.body);
    if (!body) return tl::unexpected<Answer>(param_error("", "请求体不是合法的JSON对象或含有重复的键"));
    bank::Order order;
    order.mchid = rules.identity.mchid;
    if (Problem problem = take_fields(*body, order)) return tl::unexpected<Answer>(*problem);
    if (Problem problem = check_rules(request, rules, order)) return tl::unexpected<Answer>(*problem);
    return order;
}

}  // namespace tixian::mock
