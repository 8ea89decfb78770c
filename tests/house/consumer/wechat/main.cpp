#include <cstdio>

#include "every_wechat_header.hpp"

int main() {
    const auto meaning = tixian::wechat::classify(tixian::CallKind::submit, 403, "NOT_ENOUGH");
    std::puts(std::string(tixian::name(meaning.kind)).c_str());
    return meaning.kind == tixian::NoNewsKind::merchant_trouble ? 0 : 1;
}
