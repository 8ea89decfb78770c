// SPDX-License-Identifier: MIT
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Pattern;

/** One transfer through tixian-mock: java -Dfile.encoding=UTF-8 Quickstart.java http://127.0.0.1:8085 mock-keys */
class Quickstart {
    static final String BILLS = "/v3/fund-app/mch-transfer/transfer-bills";
    static final HttpClient http = HttpClient.newHttpClient();
    static String baseUrl, keys, merchant;
    static PrivateKey merchantKey;
    static PublicKey wechatpayKey;

    static String read(String name) throws Exception { return Files.readString(Path.of(keys, name)); }

    static byte[] readPem(String name) throws Exception {
        return Base64.getMimeDecoder().decode(read(name).replaceAll("-----.*-----", ""));
    }

    /** A text of a flat JSON object; Java has no JSON of its own. */
    static String text(String json, String key) {
        var matcher = Pattern.compile("\"" + key + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
        if (!matcher.find()) throw new IllegalStateException("no " + key + " in " + json);
        return matcher.group(1);
    }

    static String call(String method, String path, String body) throws Exception {
        String timestamp = "" + Instant.now().getEpochSecond(), nonce = UUID.randomUUID().toString().replace("-", "");
        var signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(merchantKey);
        signer.update(String.join("\n", method, path, timestamp, nonce, body, "").getBytes(StandardCharsets.UTF_8));
        var authorization = String.format(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"%s\",nonce_str=\"%s\",timestamp=\"%s\",serial_no=\"%s\",signature=\"%s\"",
            text(merchant, "mchid"), nonce, timestamp, text(merchant, "merchant_serial"),
            Base64.getEncoder().encodeToString(signer.sign()));
        var answer = http.send(HttpRequest.newBuilder(URI.create(baseUrl + path))
            .method(method, BodyPublishers.ofString(body))
            .header("Authorization", authorization)
            .header("Accept", "application/json")
            .header("Content-Type", "application/json")
            .header("Wechatpay-Serial", text(merchant, "wechatpay_public_key_id"))
            .build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        verify(answer.headers(), answer.body());
        return answer.body();
    }

    /** Throws when the signature is not WeChat's. */
    static void verify(HttpHeaders headers, String body) throws Exception {
        var timestamp = headers.firstValue("Wechatpay-Timestamp").orElseThrow();
        var serial = headers.firstValue("Wechatpay-Serial").orElseThrow();
        if (!serial.equals(text(merchant, "wechatpay_public_key_id")))
            throw new GeneralSecurityException("signed with an unknown key");
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > 300)
            throw new GeneralSecurityException("signed too long ago");
        var nonce = headers.firstValue("Wechatpay-Nonce").orElseThrow();
        var verifier = Signature.getInstance("SHA256withRSA");
        verifier.initVerify(wechatpayKey);
        verifier.update(String.join("\n", timestamp, nonce, body, "").getBytes(StandardCharsets.UTF_8));
        var signature = headers.firstValue("Wechatpay-Signature").orElseThrow();
        if (!verifier.verify(Base64.getDecoder().decode(signature)))
            throw new GeneralSecurityException("the signature is wrong");
    }

    public static void main(String[] arguments) throws Exception {
        baseUrl = arguments[0];
        keys = arguments[1];
        merchant = read("merchant.json");
        var rsa = KeyFactory.getInstance("RSA");
        merchantKey = rsa.generatePrivate(new PKCS8EncodedKeySpec(readPem("merchant_key.pem")));
        wechatpayKey = rsa.generatePublic(new X509EncodedKeySpec(readPem("wechatpay_public_key.pem")));

        var number = "Java" + System.currentTimeMillis();
        var bill = call("POST", BILLS, String.format("""
            {"appid": "%s", "out_bill_no": "%s", "transfer_scene_id": "1010",
             "openid": "oConfirmsAtOnce",
             "transfer_amount": 1234, "transfer_remark": "旧手机回收款",
             "transfer_scene_report_infos": [{"info_type": "回收商品名称", "info_content": "手机"}]}
            """, text(merchant, "appid"), number));  // such a user takes the money by himself
        for (int i = 0; i < 100; ++i) {
            var state = text(bill, "state");
            System.out.println(number + " " + state);
            if (state.equals("SUCCESS")) return;
            if (state.equals("FAIL") || state.equals("CANCELLED")) break;
            Thread.sleep(100);
            bill = call("GET", BILLS + "/out-bill-no/" + number, "");
        }
        System.exit(1);
    }
}
