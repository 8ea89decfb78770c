// SPDX-License-Identifier: MIT
#include "mock/switches.hpp"

#include <array>

#include <nlohmann/json.hpp>

namespace tixian::mock {
namespace {

using nlohmann::json;

constexpr std::array<SwitchRow, 25> rows = {{
    {"already_exists", &Switches::already_exists, "[3] wechat_spec 1.2",
     "the same number with other content: 400 ALREADY_EXISTS instead of INVALID_REQUEST"},
    {"compare_names", &Switches::compare_names, "[?] wechat_spec 1.2, 10",
     "a re-entry with another name is other content"},
    {"cancel_of_final_succeeds", &Switches::cancel_of_final_succeeds, "[?] wechat_spec 1.3 D, 10",
     "a cancel of a final bill answers the bill instead of INVALID_REQUEST"},
    {"cancelled_with_reason", &Switches::cancelled_with_reason, "[?] wechat_spec 10",
     "CANCELLED carries fail_reason MCH_CANCEL"},
    {"quota_exceed_429", &Switches::quota_exceed_429, "[3] wechat_spec 2",
     "beyond the merchant's day or month: 429 QUOTA_EXCEED instead of 400 INVALID_REQUEST"},
    {"not_enough_at_create", &Switches::not_enough_at_create, "[3] wechat_spec 5; [O] 1.5 knows both",
     "too little balance refuses the create; off: the bill is made and stays in PROCESSING"},
    {"cancel_while_transfering", &Switches::cancel_while_transfering, "[C] wechat_spec 1.3 D",
     "a cancel is accepted in any state that is not final; off: not once the user confirmed"},
    {"quotas_come_back", &Switches::quotas_come_back, "[?]",
     "what ends unpaid no longer counts against quotas of day and month"},
    {"appid_mismatch_401", &Switches::appid_mismatch_401, "[?] wechat_spec 5; [3] of batches section 2",
     "an appid that is not the merchant's: 401 APPID_MCHID_NOT_MATCH instead of 400"},
    {"package_info_in_query", &Switches::package_info_in_query, "[3] wechat_spec 1.3",
     "a query also answers package_info while the confirm page is open"},
    {"fractional_times", &Switches::fractional_times, "[O] docs; [C] real replies have none",
     "times carry milliseconds"},
    {"mchid_in_notification", &Switches::mchid_in_notification, "[3] wechat_spec 3",
     "a bill's notification says mchid instead of mch_id"},
    {"notification_without_associated_data", &Switches::notification_without_associated_data,
     "[O] wechat_spec 3: it may be absent", "notifications are encrypted without associated_data"},
    {"certificate_keys_with_spaces", &Switches::certificate_keys_with_spaces,
     "[S] wechat_spec 4.4, old samples", "the certificate list says \"effective_time \" with a space"},
    {"number_of_six_at_least", &Switches::number_of_six_at_least, "[?] wechat_spec 1.2",
     "merchant numbers have 6 to 32 characters"},
    {"refuse_unknown_scenes", &Switches::refuse_unknown_scenes, "[?] wechat_spec 1.4: an open set",
     "a scene that is not in the table is refused"},
    {"red_packet_in_recycling", &Switches::red_packet_in_recycling, "[3] wechat_spec 1.2",
     "scene 1010 may use RED_PACKET"},
    {"name_from_30_fen_only", &Switches::name_from_30_fen_only, "[C][3] wechat_spec 1.2",
     "below 0.3 yuan a name is refused"},
    {"name_required_from_2000_yuan", &Switches::name_required_from_2000_yuan, "[C][3] wechat_spec 1.2",
     "from 2000 yuan a name is required"},
    {"notify_url_https_only", &Switches::notify_url_https_only, "[O] wechat_spec 1.2",
     "a notify_url must be https; off: http is let through, so that tests work on the loopback"},
    {"fund_bill_at_once", &Switches::fund_bill_at_once, "[O] wechat_spec 7: from 10:00 of the next day",
     "the fund-flow bill of any day can be had at once"},
    {"receipt_hash_sm3", &Switches::receipt_hash_sm3, "[O] wechat_spec 1.8: SHA256 or SM3",
     "a receipt's hash_value is an SM3"},
    {"accept_language_406", &Switches::accept_language_406, "[3] wechat_spec 1.1, one report",
     "an Accept-Language other than zh-CN: 406"},
    {"inferred_statuses_400", &Switches::inferred_statuses_400, "[?] wechat_spec 5: statuses by analogy",
     "what comes with 403 or 429 comes with 400; only the code tells it apart"},
    {"unsigned_errors", &Switches::unsigned_errors, "[?] wechat_spec 4.3: official clients do not look",
     "answers other than 2xx carry no signature"},
}};

}  // namespace

std::span<const SwitchRow> switch_rows() { return rows; }

const SwitchRow* find_switch(std::string_view name) {
    for (const SwitchRow& row : rows) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

std::string switches_json(const Switches& switches) {
    const Switches defaults;
    json body = json::array();
    for (const SwitchRow& row : rows) {
        body.push_back({{"name", row.name},
                        {"value", switches.*row.value},
                        {"default", defaults.*row.value},
                        {"certainty", row.certainty},
                        {"meaning", row.meaning}});
    }
    return body.dump();
}

std::optional<Switches> changed_switches(Switches switches, const std::string& text, std::string& problem) {
    const json body = json::parse(text, nullptr, false);
    if (!body.is_object()) {
        problem = "the body must be a JSON object";
        return std::nullopt;
    }
    for (const auto& [name, value] : body.items()) {
        const SwitchRow* row = find_switch(name);
        if (row == nullptr || !value.is_boolean()) {
            problem = (row == nullptr ? "unknown switch: " : "must be true or false: ") + name;
            return std::nullopt;
        }
        switches.*row->value = value.get<bool>();
    }
    return switches;
}

}  // namespace tixian::mock
