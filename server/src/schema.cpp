// SPDX-License-Identifier: MIT
#include "schema.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

#include <toml++/toml.h>

namespace tixian::server {
namespace {

constexpr Setting table[] = {
    {"server", "host", "127.0.0.1", false, "address to listen on"},
    {"server", "port", "8080", false, "port to listen on; 0 takes a free one"},
    {"server", "database", "tixian.db", false,
     "postgresql://…, mysql://…, or the path of a SQLite file; tables are made at the first start"},
    {"server", "workers", "4", false, "threads that submit and query; 0 only serves the API"},
    {"server", "threads", "32", false, "threads that serve HTTP"},
    {"auth", "secret_file", "", true,
     "file with the secret of the callers' tokens, at least 32 characters, mode 0600"},
    {"wallet", "minimum", "1.00", false, "least amount of one withdrawal, yuan"},
    {"wallet", "single_max", "200.00", false, "largest amount of one withdrawal, yuan"},
    {"wallet", "day_amount_max", "", false, "most that a user can withdraw in a day, yuan; empty: no limit"},
    {"wallet", "day_count_max", "", false, "withdrawals of a user in a day; empty: no limit"},
    {"wallet", "month_amount_max", "", false,
     "most that a user can withdraw in a month, yuan; empty: no limit"},
    {"wallet", "minimum_interval", "0", false, "seconds between two withdrawals of a user"},
    {"wallet", "merchant_day_max", "", false,
     "most that all users together can withdraw in a day, yuan; empty: no limit"},
    {"wallet", "review_from", "", false, "from this amount on a person has to approve, yuan; empty: never"},
    {"fee", "flat", "0.00", false, "what every withdrawal costs its user, yuan"},
    {"fee", "parts_per_million", "0", false, "and this share of its amount: 6000 are 0.6 %"},
    {"fee", "rounding", "half_up", false, "of a fraction of a fen: half_up, up or down"},
    {"fee", "minimum", "0.00", false, "least fee of one withdrawal, yuan"},
    {"fee", "maximum", "", false, "largest fee of one withdrawal, yuan; empty: no limit"},
    {"fee", "free_per_month", "0.00", false, "what a user can withdraw free of charge in a month, yuan"},
    {"wechat", "base_url", "https://api.mch.weixin.qq.com", false, "WeChat Pay's address"},
    {"wechat", "backup_url", "", false,
     "where the next call goes after one failed; WeChat's is https://api2.mch.weixin.qq.com"},
    {"wechat", "ca_file", "", false, "CA certificates to trust (PEM); empty: the system's"},
    {"wechat", "mchid", "", true, "merchant number"},
    {"wechat", "appid", "", true, "appid bound to the merchant"},
    {"wechat", "private_key", "", true, "file with the merchant's private key (PEM), mode 0600"},
    {"wechat", "certificate", "", false, "file with the merchant's certificate (PEM), for its serial"},
    {"wechat", "certificate_serial", "", false, "the certificate's serial, instead of the file"},
    {"wechat", "private_key_passphrase", "", false,
     "file with the passphrase of an encrypted private key, mode 0600"},
    {"wechat", "public_key", "", false, "file with WeChat Pay's public key (PEM)"},
    {"wechat", "public_key_id", "", false, "its id, PUB_KEY_ID_…"},
    {"wechat", "platform_certificates", "false", false,
     "download WeChat's platform certificates: instead of the public key, or beside it while the merchant "
     "moves to it"},
    {"wechat", "apiv3_key", "", true, "file with the APIv3 key, 32 characters, mode 0600"},
    {"wechat", "notify_url", "", false,
     "where WeChat sends notifications: …/api/v1/payment/wechat/notify/transfer"},
    {"wechat", "api", "transfer-bills", false,
     "or transfer-batches, for a merchant who still has the older API; changed only when no withdrawal is "
     "under way"},
    {"wechat", "batch_name", "提现", false, "of the older API: how the merchant's people see a batch"},
    {"wechat", "batch_scene_id", "", false, "of the older API: its scene, such as 1001"},
    {"wechat", "scene_id", "1010", false, "transfer scene"},
    {"wechat", "perception", "二手回收货款", false, "what the user is told that the money is"},
    {"wechat", "report_infos", "回收商品名称=旧衣物", false,
     "what the scene reports: type=content, joined by ;"},
    {"wechat", "remark", "提现", false, "what the user sees in the bill, at most 32 characters"},
    {"wechat", "name_keys", "", false,
     "file with the keys that seal real names, mode 0600; without it none are taken, and 1999.99 is the "
     "most"},
    {"wechat", "optional_names", "if_given", false,
     "below 2000.00 yuan a real name is sent if_given, never or always"},
    {"wechat", "name_required_from", "2000.00", false, "from here on WeChat wants the real name, yuan"},
    {"wechat", "name_refused_below", "0.30", false, "below here WeChat takes none, yuan"},
    {"wechat", "amount_min", "0.10", false, "least amount that WeChat pays out, yuan"},
    {"wechat", "user_recv_style", "", false, "CONFIRM_PAGE or RED_PACKET; empty: WeChat's default"},
    {"wechat", "unsigned_errors", "false", false, "WeChat leaves its error answers unsigned"},
    {"wechat", "confirm_page", "", false, "sandbox only: page on which a user can confirm without a phone"},
    {"timing", "send_window", "60", false, "seconds from signing to the last byte sent"},
    {"timing", "settling_refused", "1200", false,
     "seconds of doubt after a proven refusal; between two absences"},
    {"timing", "settling_in_doubt", "86400", false, "seconds of doubt after anything else"},
    {"timing", "backoff_first", "2", false, "seconds before the first retry"},
    {"timing", "backoff_max", "600", false, "seconds between retries at most"},
    {"timing", "merchant_trouble", "60", false, "seconds between submits while the merchant has to act"},
    {"timing", "lease", "90", false, "seconds for which a claimed withdrawal belongs to its worker"},
};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

const Setting* find_setting(std::string_view section, std::string_view key) {
    const auto* it = std::find_if(std::begin(table), std::end(table),
                                  [&](const Setting& s) { return s.section == section && s.key == key; });
    return it == std::end(table) ? nullptr : it;
}

std::string where(const std::string& file, const toml::source_region& source) {
    std::ostringstream text;
    text << file << ":" << source.begin.line << ": ";
    return text.str();
}

Result<std::string> text_of(const toml::node& node, const std::string& place, const std::string& name) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* flag = node.as_boolean()) return std::string(flag->get() ? "true" : "false");
    return refuse(
        ErrorCode::invalid_argument,
        place + name + " must be a string, a whole number or true/false (amounts in quotes: \"1.00\")", name);
}

Result<void> read_section(const std::string& file, std::string_view section, const toml::table& keys,
                          std::map<std::string, std::string>& values) {
    for (const auto& [key, node] : keys) {
        const std::string place = where(file, node.source());
        const std::string name = std::string(section) + "." + std::string(key.str());
        if (find_setting(section, key.str()) == nullptr)
            return refuse(ErrorCode::invalid_argument, place + "there is no setting " + name, name);
        auto text = text_of(node, place, name);
        if (!text) return tl::unexpected(text.error());
        values[name] = *text;
    }
    return {};
}

Result<void> read_file(const std::string& file, std::map<std::string, std::string>& values) try {
    const toml::table root = toml::parse_file(file);
    for (const auto& [section, node] : root) {
        const bool known = std::any_of(std::begin(table), std::end(table),
                                       [&](const Setting& s) { return s.section == section.str(); });
        const auto* keys = node.as_table();
        if (!known || keys == nullptr)
            return refuse(
                ErrorCode::invalid_argument,
                where(file, node.source()) + "there is no section [" + std::string(section.str()) + "]",
                std::string(section.str()));
        if (auto read = read_section(file, section.str(), *keys, values); !read) return read;
    }
    return {};
} catch (const toml::parse_error& error) {
    return refuse(ErrorCode::invalid_argument, where(file, error.source()) + std::string(error.description()),
                  file);
}

}  // namespace

std::string Setting::variable() const {
    std::string text = "TIXIAN_" + std::string(section) + "_" + std::string(key);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

std::span<const Setting> settings() { return table; }

Result<std::map<std::string, std::string>> read_settings(
    const std::string& file, const std::map<std::string, std::string>& environment) {
    std::map<std::string, std::string> values;
    for (const Setting& setting : table) values[setting.name()] = setting.fallback;
    if (!file.empty()) {
        if (auto read = read_file(file, values); !read) return tl::unexpected(read.error());
    }
    for (const auto& [variable, text] : environment) {
        const auto* setting = std::find_if(std::begin(table), std::end(table),
                                           [&](const Setting& s) { return s.variable() == variable; });
        if (setting != std::end(table)) {
            values[setting->name()] = text;
            continue;
        }
        for (const Setting& s : table) {
            const std::string prefix = "tixian_" + std::string(s.section) + "_";
            if (lower(variable).starts_with(prefix))
                return refuse(ErrorCode::invalid_argument, "there is no setting for the variable " + variable,
                              variable);
        }
    }
    for (const Setting& setting : table) {
        if (setting.required && values[setting.name()].empty())
            return refuse(ErrorCode::invalid_argument,
                          setting.name() + " is missing (" + std::string(setting.help) +
                              "); set it in the file or by " + setting.variable(),
                          setting.name());
    }
    return values;
}

}  // namespace tixian::server
