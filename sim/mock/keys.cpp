// SPDX-License-Identifier: MIT
#include "mock/keys.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "mock/crypto.hpp"
#include "mock/key_files.hpp"

namespace tixian::mock {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t apiv3_key_size = 32;

std::string errno_text() { return std::strerror(errno); }

Result<std::string> read_file(const fs::path& path, Privacy privacy) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return refuse(ErrorCode::invalid_key, "cannot read " + path.string() + ": " + errno_text());
    }
    if (privacy == Privacy::secret && (status.st_mode & 077) != 0) {
        return refuse(ErrorCode::unsafe_key_file,
                      path.string() + " can be read by others; run: chmod 600 " + path.string());
    }
    std::ifstream stream(path, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream) return refuse(ErrorCode::invalid_key, "cannot read " + path.string());
    return content;
}

Keys make_keys(const std::string& mchid, const std::string& appid) {
    Keys keys;
    keys.identity.mchid = mchid.empty() ? "1900000001" : mchid;
    keys.identity.appid = appid.empty() ? "wxmock0000000001" : appid;
    const RsaKey merchant = RsaKey::generate();
    const RsaKey wechatpay = RsaKey::generate();
    keys.merchant_key_pem = merchant.private_pem();
    keys.merchant_cert_pem = make_certificate_pem(merchant, keys.identity.mchid);
    keys.identity.merchant_serial = certificate_serial(keys.merchant_cert_pem).value();
    keys.wechatpay_key_pem = wechatpay.private_pem();
    keys.wechatpay_public_key_pem = wechatpay.public_pem();
    keys.identity.wechatpay_public_key_id = "PUB_KEY_ID_" + random_digits(28);
    keys.apiv3_key = random_text(apiv3_key_size);
    return keys;
}

std::string identity_json(const Identity& identity) {
    return nlohmann::json{{"mchid", identity.mchid},
                          {"appid", identity.appid},
                          {"merchant_serial", identity.merchant_serial},
                          {"wechatpay_public_key_id", identity.wechatpay_public_key_id}}
               .dump(2) +
           "\n";
}

bool write_keys(const fs::path& directory, const Keys& keys) {
    return write_file(directory / "merchant_key.pem", keys.merchant_key_pem, Privacy::secret) &&
           write_file(directory / "merchant_cert.pem", keys.merchant_cert_pem, Privacy::open) &&
           write_file(directory / "wechatpay_key.pem", keys.wechatpay_key_pem, Privacy::secret) &&
           write_file(directory / "wechatpay_public_key.pem", keys.wechatpay_public_key_pem, Privacy::open) &&
           write_file(directory / "apiv3_key.txt", keys.apiv3_key, Privacy::secret) &&
           write_file(directory / "merchant.json", identity_json(keys.identity), Privacy::open);
}

// A process killed while it made keys leaves `<directory>.making-<pid>-…` behind. Whose process is gone, is
// removed.
void remove_leftovers(const fs::path& directory) {
    const std::string prefix = directory.filename().string() + ".making-";
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory.parent_path(), ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        const long maker = std::strtol(name.c_str() + prefix.size(), nullptr, 10);
        const bool is_gone = maker > 0 && ::kill(static_cast<pid_t>(maker), 0) != 0 && errno == ESRCH;
        if (is_gone) fs::remove_all(entry.path(), ignored);
    }
}

Result<Keys> make_directory(const fs::path& directory, const std::string& mchid, const std::string& appid) {
    std::error_code error;
    fs::create_directories(directory.parent_path(), error);
    remove_leftovers(directory);
    std::string making = directory.string() + ".making-" + std::to_string(::getpid()) + "-XXXXXX";
    if (::mkdtemp(making.data()) == nullptr) {  // mode 0700
        return refuse(ErrorCode::invalid_key, "cannot make " + making + ": " + errno_text());
    }
    Keys keys = make_keys(mchid, appid);
    if (!write_keys(making, keys) || ::rename(making.c_str(), directory.c_str()) != 0) {
        const int reason = errno;
        fs::remove_all(making, error);
        // Somebody else was faster: theirs are the keys.
        if (reason == ENOTEMPTY || reason == EEXIST) return load_or_make_keys(directory, mchid, appid);
        return refuse(ErrorCode::invalid_key,
                      "cannot make " + directory.string() + ": " + std::strerror(reason));
    }
    return keys;
}

Result<Identity> parse_identity(const std::string& text, const fs::path& directory) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    Identity identity;
    const auto take = [&json](const char* key, std::string& value) {
        if (!json.is_object() || !json.contains(key) || !json[key].is_string()) return false;
        value = json[key].get<std::string>();
        return !value.empty();
    };
    if (!take("mchid", identity.mchid) || !take("appid", identity.appid) ||
        !take("merchant_serial", identity.merchant_serial) ||
        !take("wechatpay_public_key_id", identity.wechatpay_public_key_id)) {
        return refuse(ErrorCode::invalid_key, (directory / "merchant.json").string() + " is damaged");
    }
    return identity;
}

// The files must belong together, or else every signature would fail much later and without a reason.
Result<Keys> checked(Keys keys, const fs::path& directory) {
    const auto damaged = [&directory](const char* what) {
        return refuse(ErrorCode::invalid_key,
                      directory.string() + ": " + what + "; remove the directory to have new keys made");
    };
    const auto merchant = RsaKey::parse_private(keys.merchant_key_pem);
    if (!merchant) return damaged("merchant_key.pem is damaged");
    const auto certified = RsaKey::from_certificate(keys.merchant_cert_pem);
    if (!certified) return damaged("merchant_cert.pem is damaged");
    if (!merchant->is_same_public_key(*certified))
        return damaged("merchant_cert.pem is not of merchant_key.pem");
    if (certificate_serial(keys.merchant_cert_pem) != keys.identity.merchant_serial) {
        return damaged("merchant_serial in merchant.json is not the certificate's");
    }
    const auto wechatpay = RsaKey::parse_private(keys.wechatpay_key_pem);
    if (!wechatpay) return damaged("wechatpay_key.pem is damaged");
    const auto published = RsaKey::parse_public(keys.wechatpay_public_key_pem);
    if (!published) return damaged("wechatpay_public_key.pem is damaged");
    if (!wechatpay->is_same_public_key(*published)) {
        return damaged("wechatpay_public_key.pem is not of wechatpay_key.pem");
    }
    const bool is_alphanumeric = std::all_of(keys.apiv3_key.begin(), keys.apiv3_key.end(), [](char c) {
        return ('0' <= c && c <= '9') || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z');
    });
    if (keys.apiv3_key.size() != apiv3_key_size || !is_alphanumeric) {
        return damaged("apiv3_key.txt is not 32 letters and digits");
    }
    return keys;
}

Result<Keys> load_directory(const fs::path& directory) {
    Keys keys;
    struct Part {
        const char* name;
        Privacy privacy;
        std::string* target;
    };
    std::string identity;
    const Part parts[] = {{"merchant_key.pem", Privacy::secret, &keys.merchant_key_pem},
                          {"merchant_cert.pem", Privacy::open, &keys.merchant_cert_pem},
                          {"wechatpay_key.pem", Privacy::secret, &keys.wechatpay_key_pem},
                          {"wechatpay_public_key.pem", Privacy::open, &keys.wechatpay_public_key_pem},
                          {"apiv3_key.txt", Privacy::secret, &keys.apiv3_key},
                          {"merchant.json", Privacy::open, &identity}};
    for (const Part& part : parts) {
        auto content = read_file(directory / part.name, part.privacy);
        if (!content) return tl::unexpected<Error>(content.error());
        *part.target = std::move(*content);
    }
    while (!keys.apiv3_key.empty() && keys.apiv3_key.back() == '\n') keys.apiv3_key.pop_back();
    auto parsed = parse_identity(identity, directory);
    if (!parsed) return tl::unexpected<Error>(parsed.error());
    keys.identity = std::move(*parsed);
    return checked(std::move(keys), directory);
}

}  // namespace

Result<Keys> load_or_make_keys(const fs::path& directory, const std::string& mchid,
                               const std::string& appid) {
    std::error_code error;
    fs::path path = fs::absolute(directory, error).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // a slash at the end
    const bool exists = fs::exists(path, error);
    if (exists && !fs::is_directory(path, error)) {
        return refuse(ErrorCode::invalid_key, path.string() + " is not a directory");
    }
    if (!exists || fs::is_empty(path, error)) return make_directory(path, mchid, appid);

    auto keys = load_directory(path);
    if (!keys) return keys;
    const Identity& stored = keys->identity;
    if ((!mchid.empty() && mchid != stored.mchid) || (!appid.empty() && appid != stored.appid)) {
        return refuse(ErrorCode::invalid_key, "the keys in " + path.string() + " belong to mchid " +
                                                  stored.mchid + " and appid " + stored.appid +
                                                  ", not to what is asked for");
    }
    return keys;
}

}  // namespace tixian::mock
