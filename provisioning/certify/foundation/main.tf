# What a platform has before anybody asks for anything, made in the emulator. An output replaces the variable of its name in a
# rendering's values.

locals {
  zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
}

resource "aws_vpc" "this" {
  cidr_block           = "10.10.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "private" {
  count = 3

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet("10.10.0.0/16", 8, count.index)
  availability_zone = local.zones[count.index]
}

resource "aws_subnet" "public" {
  count = 3

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet("10.10.0.0/16", 8, 10 + count.index)
  availability_zone = local.zones[count.index]
}

resource "aws_kms_key" "this" {
  description = "platform"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

resource "aws_iam_role" "admin" {
  name               = "platform-admin"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_s3_bucket" "logs" {
  bucket        = "acme-platform-logs"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/*"
    }]
  })
}

resource "aws_s3_bucket" "packages" {
  bucket        = "acme-platform-packages"
  force_destroy = true
}

resource "aws_s3_object" "package" {
  bucket         = aws_s3_bucket.packages.id
  key            = "package.zip"
  content_base64 = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="
}

resource "aws_iam_role" "function" {
  name = "function"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "this" {
  function_name = "platform"
  role          = aws_iam_role.function.arn
  runtime       = "python3.13"
  handler       = "app.handler"
  s3_bucket     = aws_s3_bucket.packages.id
  s3_key        = aws_s3_object.package.key
}

resource "aws_acm_certificate" "this" {
  domain_name       = "app.acme.example"
  validation_method = "DNS"
}

resource "aws_route53_zone" "this" {
  name = "acme.example"
}

output "account_id" {
  value = split(":", aws_iam_role.function.arn)[4]
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "private_subnet_ids" {
  value = aws_subnet.private[*].id
}

output "public_subnet_ids" {
  value = aws_subnet.public[*].id
}

output "kms_key_arn" {
  value = aws_kms_key.this.arn
}

output "alarm_topic_arn" {
  value = aws_sns_topic.alarms.arn
}

output "admin_role_arn" {
  value = aws_iam_role.admin.arn
}

output "access_log_bucket" {
  value = aws_s3_bucket.logs.id
}

output "package_bucket" {
  value = aws_s3_bucket.packages.id
}

output "package_key" {
  value = aws_s3_object.package.key
}

output "certificate_arn" {
  value = aws_acm_certificate.this.arn
}

output "function_arn" {
  value = aws_lambda_function.this.arn
}

output "zone_id" {
  value = aws_route53_zone.this.zone_id
}

output "role_arn" {
  value = aws_iam_role.function.arn
}
