// SPDX-License-Identifier: MIT
#include "sandbox.hpp"

namespace tixian::test {
namespace {

class Page : public Sandbox {};

/// From typing an amount to the success screen: headless Chromium, the real server, the real mock.
TEST_F(Page, PaysAWithdrawalOutInARealBrowser) {
    start_server();
    set_mock(R"({"auto_confirm_ms":null})");
    deposit("u1", "100.00");
    Process browser(
        {"/usr/bin/env", "node", "--test", TIXIAN_WEB_TESTS "/end_to_end_test.mjs"}, folder_ / "browser.log",
        {{"TIXIAN_PAGE_URL", server_address() + "/#token=" + user_token()}, {"TIXIAN_CONFIRM", "button"}});

    EXPECT_EQ(browser.wait(), 0) << browser.output();
    EXPECT_EQ(account("user:u1:held"), "0.00");
    EXPECT_NE(account("wechat:clearing"), "none");
}

}  // namespace
}  // namespace tixian::test
