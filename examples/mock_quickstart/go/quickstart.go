// SPDX-License-Identifier: MIT

// One transfer through tixian-mock: go run quickstart.go http://127.0.0.1:8085 mock-keys
package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const bills = "/v3/fund-app/mch-transfer/transfer-bills"

var (
	baseURL, keys string
	merchant      struct {
		Mchid, Appid string
		Serial       string `json:"merchant_serial"`
		PublicKeyID  string `json:"wechatpay_public_key_id"`
	}
	merchantKey  *rsa.PrivateKey
	wechatpayKey *rsa.PublicKey
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func readPEM(name string) []byte {
	block, _ := pem.Decode(must(os.ReadFile(keys + "/" + name)))
	return block.Bytes
}

func call(method, path string, content any) map[string]any {
	body := ""
	if content != nil {
		body = string(must(json.Marshal(content)))
	}
	random := make([]byte, 16)
	must(rand.Read(random))
	timestamp, nonce := strconv.FormatInt(time.Now().Unix(), 10), hex.EncodeToString(random)
	hash := sha256.Sum256([]byte(method + "\n" + path + "\n" + timestamp + "\n" + nonce + "\n" + body + "\n"))
	signature := must(rsa.SignPKCS1v15(rand.Reader, merchantKey, crypto.SHA256, hash[:]))
	request := must(http.NewRequest(method, baseURL+path, strings.NewReader(body)))
	request.Header.Set("Authorization", fmt.Sprintf(
		`WECHATPAY2-SHA256-RSA2048 mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`,
		merchant.Mchid, nonce, timestamp, merchant.Serial, base64.StdEncoding.EncodeToString(signature)))
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Wechatpay-Serial", merchant.PublicKeyID)

	answer := must(http.DefaultClient.Do(request))
	defer answer.Body.Close()
	answered := must(io.ReadAll(answer.Body))
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status, " ", string(answered))
	}
	verify(answer.Header, string(answered))
	var bill map[string]any
	must(0, json.Unmarshal(answered, &bill))
	return bill
}

// Ends the program when the signature is not WeChat's.
func verify(header http.Header, body string) {
	timestamp := header.Get("Wechatpay-Timestamp")
	if header.Get("Wechatpay-Serial") != merchant.PublicKeyID {
		log.Fatal("signed with an unknown key")
	}
	if math.Abs(float64(time.Now().Unix()-must(strconv.ParseInt(timestamp, 10, 64)))) > 300 {
		log.Fatal("signed too long ago")
	}
	hash := sha256.Sum256([]byte(timestamp + "\n" + header.Get("Wechatpay-Nonce") + "\n" + body + "\n"))
	signature := must(base64.StdEncoding.DecodeString(header.Get("Wechatpay-Signature")))
	must(0, rsa.VerifyPKCS1v15(wechatpayKey, crypto.SHA256, hash[:], signature))
}

func main() {
	baseURL, keys = os.Args[1], os.Args[2]
	must(0, json.Unmarshal(must(os.ReadFile(keys+"/merchant.json")), &merchant))
	merchantKey = must(x509.ParsePKCS8PrivateKey(readPEM("merchant_key.pem"))).(*rsa.PrivateKey)
	wechatpayKey = must(x509.ParsePKIXPublicKey(readPEM("wechatpay_public_key.pem"))).(*rsa.PublicKey)

	number := fmt.Sprint("Go", time.Now().UnixNano())
	bill := call("POST", bills, map[string]any{
		"appid": merchant.Appid, "out_bill_no": number, "transfer_scene_id": "1010",
		"openid":          "oConfirmsAtOnce", // such a user takes the money by himself
		"transfer_amount": 1234, "transfer_remark": "旧手机回收款",
		"transfer_scene_report_infos": []any{map[string]string{"info_type": "回收商品名称", "info_content": "手机"}}})
	for i := 0; i < 100; i++ {
		fmt.Println(number, bill["state"])
		switch bill["state"] {
		case "SUCCESS":
			return
		case "FAIL", "CANCELLED":
			os.Exit(1)
		}
		time.Sleep(100 * time.Millisecond)
		bill = call("GET", bills+"/out-bill-no/"+number, nil)
	}
	os.Exit(1)
}
