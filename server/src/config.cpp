// SPDX-License-Identifier: MIT
#include "config.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "schema.hpp"
#include "tixian/threads/system_clock.hpp"
#include "tixian/wechat/certificate.hpp"
#include "tixian/wechat/key_file.hpp"
#include "tixian/wechat/merchant.hpp"
#include "tixian/wechat/transfer_bills.hpp"
#include "tixian/wechat/web_address.hpp"

extern char** environ;  // NOLINT: POSIX

namespace tixian::server {
namespace {

/// Takes checked values out of the settings; the first mistake is kept, and everything after it is of no
/// account.
class Reader {
 public:
    explicit Reader(std::map<std::string, std::string> values) : values_(std::move(values)) {}

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

    void fail(const std::string& name, const std::string& message) {
        if (!error_) error_ = Error{ErrorCode::invalid_argument, name + " " + message, name};
    }

    [[nodiscard]] const std::string& text(const std::string& name) const { return values_.at(name); }

    [[nodiscard]] int integer(const std::string& name, int least, int most) {
        const std::string& digits = text(name);
        int number = 0;
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (code != std::errc() || end != digits.data() + digits.size() || number < least || number > most)
            fail(name, "must be a whole number from " + std::to_string(least) + " to " +
                           std::to_string(most) + ", not \"" + digits + "\"");
        return number;
    }

    [[nodiscard]] Duration seconds(const std::string& name, int least) {
        return std::chrono::seconds(integer(name, least, 90 * 86400));
    }

    [[nodiscard]] bool flag(const std::string& name) {
        if (text(name) != "true" && text(name) != "false") fail(name, "must be true or false");
        return text(name) == "true";
    }

    /// Keeps the value of a result, or its error under this setting's name.
    template <class T>
    [[nodiscard]] std::optional<T> keep(const std::string& name, Result<T> result) {
        if (result) return std::move(*result);
        fail(name, "cannot be used: " + result.error().message);
        return std::nullopt;
    }

    [[nodiscard]] Money money(const std::string& name) {
        const Money amount = keep(name, Money::parse_yuan(text(name))).value_or(Money());
        if (!amount.is_positive()) fail(name, "must be an amount in yuan above zero, like 1.00");
        return amount;
    }

    /// An empty text sets no limit; zero is refused, because it could be meant as either.
    [[nodiscard]] std::optional<Money> limit(const std::string& name) {
        if (text(name).empty()) return std::nullopt;
        return money(name);
    }

    /// An amount that may be zero.
    [[nodiscard]] Money fee(const std::string& name) {
        const Money amount = keep(name, Money::parse_yuan(text(name))).value_or(Money());
        if (amount.is_negative()) fail(name, "must not be negative");
        return amount;
    }

    template <class T>
    [[nodiscard]] T id(const std::string& name) {
        return keep(name, T::parse(text(name))).value_or(T());
    }

    /// A file that may be read by anybody, such as a public key.
    [[nodiscard]] std::string public_file(const std::string& name) {
        std::ifstream file(text(name), std::ios::binary);
        std::ostringstream bytes;
        bytes << file.rdbuf();
        if (!file || bytes.str().empty()) fail(name, "cannot be read: " + text(name));
        return bytes.str();
    }

    [[nodiscard]] std::optional<Secret> secret_file(const std::string& name) {
        return keep(name, wechat::read_key_file(text(name)));
    }

 private:
    std::map<std::string, std::string> values_;
    std::optional<Error> error_;
};

std::string_view without_line_end(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

std::optional<Secret> parse_hex(std::string_view text) {
    Secret bytes(text.size() / 2);
    for (std::size_t i = 0; i < text.size() / 2; ++i) {
        unsigned value = 0;
        const char* const pair = text.data() + 2 * i;
        const auto [end, code] = std::from_chars(pair, pair + 2, value, 16);
        if (code != std::errc() || end != pair + 2) return std::nullopt;
        bytes.writable()[i] = static_cast<char>(value);
    }
    return text.size() % 2 == 0 ? std::optional(std::move(bytes)) : std::nullopt;
}

http::TransportOptions read_transport(Reader& reader) {
    http::TransportOptions options;
    options.base_url = reader.text("wechat.base_url");
    options.backup_url = reader.text("wechat.backup_url");
    options.ca_file = reader.text("wechat.ca_file");
    if (const auto sane = http::check(options); !sane) {
        reader.fail("wechat." + sane.error().field, sane.error().message);
        return options;
    }
    for (const auto& [setting, url] : {std::pair("wechat.base_url", options.base_url),
                                       std::pair("wechat.backup_url", options.backup_url)}) {
        if (url.starts_with("http://") && !wechat::is_loopback_url(url))
            reader.fail(setting, "must be https:// unless it is a loopback address");
    }
    if (!options.ca_file.empty())
        static_cast<void>(
            reader.keep("wechat.ca_file", wechat::parse_certificate(reader.public_file("wechat.ca_file"))));
    return options;
}

/// Whether only a mock on this machine is ever spoken to.
bool is_sandbox(const http::TransportOptions& options) {
    return wechat::is_loopback_url(options.base_url) &&
           (options.backup_url.empty() || wechat::is_loopback_url(options.backup_url));
}

wechat::Scene read_scene(Reader& reader) {
    wechat::Scene scene{reader.text("wechat.scene_id"), reader.text("wechat.perception"), {}};
    std::istringstream rows(reader.text("wechat.report_infos"));
    for (std::string row; std::getline(rows, row, ';');) {
        const auto equals = row.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == row.size())
            reader.fail("wechat.report_infos", "must be type=content, joined by ;");
        else
            scene.report_infos.emplace_back(row.substr(0, equals), row.substr(equals + 1));
    }
    return scene;
}

/// Which setting a field of wechat::check() is.
std::string setting_of(std::string_view field) {
    if (field == "transfer_scene_id") return "wechat.scene_id";
    if (field == "user_recv_perception") return "wechat.perception";
    if (field == "transfer_scene_report_infos") return "wechat.report_infos";
    if (field == "transfer_remark") return "wechat.remark";
    if (field == "user_name") return "wechat.name_refused_below";
    return "wechat." + std::string(field);
}

wechat::Merchant read_merchant(Reader& reader) {
    wechat::Merchant merchant;
    merchant.channel = ChannelName::parse("wechat").value();
    merchant.mchid = reader.id<Mchid>("wechat.mchid");
    merchant.appid = reader.id<Appid>("wechat.appid");
    merchant.scene = read_scene(reader);
    merchant.remark = reader.text("wechat.remark");
    merchant.notify_url = reader.text("wechat.notify_url");
    merchant.loopback_notify_url = true;  // of use only to a mock on this machine
    merchant.unsigned_errors = reader.flag("wechat.unsigned_errors");
    merchant.amount_min = reader.money("wechat.amount_min");
    merchant.names.required_from = reader.money("wechat.name_required_from");
    merchant.names.refused_below = reader.fee("wechat.name_refused_below");
    const std::string& style = reader.text("wechat.user_recv_style");
    if (style == "CONFIRM_PAGE")
        merchant.user_recv_style = wechat::UserRecvStyle::confirm_page;
    else if (style == "RED_PACKET")
        merchant.user_recv_style = wechat::UserRecvStyle::red_packet;
    else if (!style.empty())
        reader.fail("wechat.user_recv_style", "must be CONFIRM_PAGE, RED_PACKET or empty");
    const std::string& names = reader.text("wechat.optional_names");
    if (names == "if_given")
        merchant.names.between = wechat::OptionalName::if_given;
    else if (names == "never")
        merchant.names.between = wechat::OptionalName::never;
    else if (names == "always")
        merchant.names.between = wechat::OptionalName::always;
    else
        reader.fail("wechat.optional_names", "must be if_given, never or always");
    if (const auto sane = wechat::check(merchant); !sane)
        reader.fail(setting_of(sane.error().field), "cannot be used: " + sane.error().message);
    return merchant;
}

/// The keys for real names: a line for each, `id` and 64 hex digits.
std::vector<NameKey> read_name_keys(Reader& reader) {
    const std::string setting = "wechat.name_keys";
    std::vector<NameKey> keys;
    if (reader.text(setting).empty()) return keys;
    const auto file = reader.secret_file(setting);
    if (!file) return keys;
    std::string_view rest = file->view();
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = without_line_end(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty()) continue;
        const std::size_t space = line.find(' ');
        auto key = space == std::string_view::npos ? std::nullopt : parse_hex(line.substr(space + 1));
        if (!key || key->view().size() != wechat::AesNameVault::key_bytes) {
            reader.fail(setting,
                        "must hold lines of a key's id, a space, and 64 hex digits: "
                        "echo \"k1 $(openssl rand -hex 32)\" makes one");
            return keys;
        }
        keys.push_back({std::string(line.substr(0, space)), std::move(*key)});
    }
    if (keys.empty()) reader.fail(setting, "holds no key");
    return keys;
}

Fee read_fee(Reader& reader) {
    Fee fee;
    fee.flat = reader.fee("fee.flat");
    fee.parts_per_million = reader.integer("fee.parts_per_million", 0, 1'000'000);
    if (const auto rounding = detail::rounding_text.parse(reader.text("fee.rounding")))
        fee.rounding = *rounding;
    else
        reader.fail("fee.rounding", "must be half_up, up or down");
    fee.minimum = reader.fee("fee.minimum");
    if (!reader.text("fee.maximum").empty()) fee.maximum = reader.fee("fee.maximum");
    fee.free_per_month = reader.fee("fee.free_per_month");
    return fee;
}

/// Says of terms that make no sense together which setting is at fault.
void check_terms(Reader& reader, const Terms& terms) {
    const auto sane = check(terms);
    if (sane) return;
    const std::string& field = sane.error().field;
    const std::string name = field.starts_with("fee.") ? field : "wallet." + field;
    if (name == "wallet.single_max")
        return reader.fail(name, "must be at least wallet.minimum, and in bounds");
    if (name == "fee.maximum") return reader.fail(name, "must be at least fee.minimum, and in bounds");
    reader.fail(name, "is out of bounds");
}

Terms read_terms(Reader& reader) {
    Terms terms;
    terms.minimum = reader.money("wallet.minimum");
    terms.single_max = reader.money("wallet.single_max");
    terms.day_amount_max = reader.limit("wallet.day_amount_max");
    if (!reader.text("wallet.day_count_max").empty())
        terms.day_count_max = reader.integer("wallet.day_count_max", 1, 1'000'000);
    terms.month_amount_max = reader.limit("wallet.month_amount_max");
    terms.minimum_interval = reader.seconds("wallet.minimum_interval", 0);
    terms.merchant_day_max = reader.limit("wallet.merchant_day_max");
    terms.review_from = reader.limit("wallet.review_from");
    terms.fee = read_fee(reader);
    check_terms(reader, terms);
    return terms;
}

/// The promises of docs/money-safety.md rest on the settling times, so only a test against a mock may shorten
/// them.
Policy read_policy(Reader& reader, const http::TransportOptions& transport) {
    const Policy defaults;
    Policy policy;
    policy.send_window = reader.seconds("timing.send_window", 1);
    policy.settling_refused = reader.seconds("timing.settling_refused", 1);
    policy.settling_in_doubt = reader.seconds("timing.settling_in_doubt", 1);
    policy.backoff_first = reader.seconds("timing.backoff_first", 1);
    policy.backoff_max = reader.seconds("timing.backoff_max", 1);
    policy.merchant_trouble_interval = reader.seconds("timing.merchant_trouble", 1);
    policy.lease = reader.seconds("timing.lease", 1);
    if (is_sandbox(transport)) return policy;

    constexpr auto smaller =
        "is smaller than the default, which is only allowed while base_url and backup_url are loopback";
    if (policy.settling_refused < defaults.settling_refused) reader.fail("timing.settling_refused", smaller);
    if (policy.settling_in_doubt < defaults.settling_in_doubt)
        reader.fail("timing.settling_in_doubt", smaller);
    if (policy.backoff_first < defaults.backoff_first) reader.fail("timing.backoff_first", smaller);
    if (policy.lease < defaults.lease) reader.fail("timing.lease", smaller);
    if (policy.send_window > std::chrono::seconds(240))
        reader.fail("timing.send_window",
                    "must stay well under the 300 seconds for which WeChat accepts a signature");
    // A call that outlives its lease would be made a second time, and both would be in doubt.
    if (policy.send_window + transport.body_timeout > policy.lease)
        reader.fail("timing.send_window", "must end 20 seconds before timing.lease");
    return policy;
}

/// Whether the merchant pays with the older batches, and their terms.
std::optional<wechat::BatchTerms> read_batches(Reader& reader) {
    const std::string& api = reader.text("wechat.api");
    if (api == wechat::TransferBills::api) return std::nullopt;
    if (api != wechat::TransferBatches::api) {
        reader.fail("wechat.api", "must be transfer-bills or transfer-batches");
        return std::nullopt;
    }
    wechat::BatchTerms terms{reader.text("wechat.batch_name"), reader.text("wechat.batch_scene_id")};
    if (const auto sane = wechat::check(terms); !sane)
        reader.fail(sane.error().field == "batch_name" ? "wechat.batch_name" : "wechat.batch_scene_id",
                    sane.error().message);
    return terms;
}

/// WeChat's public key, its platform certificates, or, while a merchant moves from these to that, both.
std::optional<WechatKey> read_wechat_key(Reader& reader) {
    const std::string& id = reader.text("wechat.public_key_id");
    const bool has_key = !reader.text("wechat.public_key").empty();
    const bool has_certificates = reader.flag("wechat.platform_certificates");
    if (!id.empty() && !id.starts_with("PUB_KEY_ID_"))
        reader.fail("wechat.public_key_id", "begins with PUB_KEY_ID_, as WeChat shows it beside the key");
    if (has_key && id.empty())
        reader.fail("wechat.public_key_id", "is missing: WeChat shows it beside the key");
    if (!has_key && !id.empty()) reader.fail("wechat.public_key", "is missing: the file of this id");
    if (!has_key && !has_certificates)
        reader.fail("wechat.public_key",
                    "is missing; a merchant who was given none sets wechat.platform_certificates = true");
    if (!has_key) return std::nullopt;
    const auto key = reader.keep("wechat.public_key",
                                 wechat::PublicKey::from_pem(reader.public_file("wechat.public_key")));
    return key ? std::optional(WechatKey{id, *key}) : std::nullopt;
}

/// The merchant's private key, opened with its passphrase where it has one.
std::optional<wechat::PrivateKey> read_private_key(Reader& reader) {
    const auto pem = reader.secret_file("wechat.private_key");
    if (!pem) return std::nullopt;
    Secret passphrase{std::string_view()};
    if (!reader.text("wechat.private_key_passphrase").empty()) {
        auto file = reader.secret_file("wechat.private_key_passphrase");
        if (!file) return std::nullopt;
        passphrase = Secret(without_line_end(file->view()));
    }
    return reader.keep("wechat.private_key", wechat::PrivateKey::from_pem(pem->view(), passphrase.view()));
}

std::optional<wechat::PemSigner> read_signer(Reader& reader) {
    std::string serial = reader.text("wechat.certificate_serial");
    if (serial.empty() == reader.text("wechat.certificate").empty()) {
        reader.fail("wechat.certificate", "or wechat.certificate_serial must be set, and not both");
        return std::nullopt;
    }
    const auto key = read_private_key(reader);
    if (!key) return std::nullopt;
    if (!serial.empty()) return wechat::PemSigner(*key, std::move(serial));
    // One that is not this key's, or has ended, would be SIGN_ERROR with every call.
    return reader.keep("wechat.certificate",
                       wechat::PemSigner::from_certificate(*key, reader.public_file("wechat.certificate"),
                                                           SystemClock().now()));
}

std::optional<Secret> read_token_secret(Reader& reader) {
    auto secret = reader.secret_file("auth.secret_file");
    if (!secret) return std::nullopt;
    const std::string_view text = without_line_end(secret->view());
    if (text.size() < 32) reader.fail("auth.secret_file", "must hold at least 32 characters");
    return Secret(text);
}

}  // namespace

Result<Config> read_config(const std::string& file, const std::map<std::string, std::string>& environment) {
    auto values = read_settings(file, environment);
    if (!values) return tl::unexpected(values.error());
    Reader reader(std::move(*values));

    const http::TransportOptions transport = read_transport(reader);
    const Terms terms = read_terms(reader);
    const int port = reader.integer("server.port", 0, 65535);
    const int workers = reader.integer("server.workers", 0, 256);
    const int threads = reader.integer("server.threads", 1, 1024);
    wechat::Merchant merchant = read_merchant(reader);
    std::vector<NameKey> name_keys = read_name_keys(reader);
    const Policy policy = read_policy(reader, transport);
    auto secret = read_token_secret(reader);
    auto signer = read_signer(reader);
    const auto wechat_key = read_wechat_key(reader);
    const auto batches = read_batches(reader);
    std::optional<wechat::Apiv3Key> apiv3_key;
    if (const auto bytes = reader.secret_file("wechat.apiv3_key"))
        apiv3_key = reader.keep("wechat.apiv3_key", wechat::Apiv3Key::parse(without_line_end(bytes->view())));
    if (reader.error()) return tl::unexpected(*reader.error());

    return Config{reader.text("server.host"),
                  port,
                  reader.text("server.database"),
                  static_cast<std::size_t>(workers),
                  static_cast<std::size_t>(threads),
                  std::move(*secret),
                  terms,
                  transport,
                  std::move(merchant),
                  batches,
                  std::move(*signer),
                  wechat_key,
                  reader.flag("wechat.platform_certificates"),
                  std::move(*apiv3_key),
                  reader.text("wechat.confirm_page"),
                  policy,
                  std::move(name_keys)};
}

std::map<std::string, std::string> tixian_environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (text.starts_with("TIXIAN_") && equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace tixian::server
