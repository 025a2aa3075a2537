"""A small rendering that is right, and ways to spoil it; independent of the catalog."""

from provisioning.domain import RenderedResource

FILES = {
    "main.tf": """\
# A bucket that keeps its versions.
resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = var.versioning ? "Enabled" : "Suspended"
  }
}
""",
    "outputs.tf": """\
output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}
""",
    "variables.tf": """\
variable "days" {
  description = "Days to keep."
  type        = number

  validation {
    condition     = var.days == null ? true : var.days >= 1
    error_message = "Days must be at least 1."
  }

  validation {
    condition     = var.days == null ? true : var.days <= 365
    error_message = "Days can be at most 365."
  }
}

variable "name" {
  description = "Name of the resource in AWS."
  type        = string
}

variable "rules" {
  description = "Rules."
  type = list(object({
    days   = number
    prefix = string
  }))
}

variable "tags" {
  description = "Tags that every resource of this module carries."
  type        = map(string)
}

variable "versioning" {
  description = "Versioning."
  type        = bool
}
""",
    "providers.tf": """\
terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"

  default_tags {
    tags = var.tags
  }
}
""",
    "backend.tf": """\
terraform {
  backend "s3" {
    bucket       = "acme-terraform-state"
    encrypt      = true
    key          = "terraform/dev/s3/logs/terraform.tfstate"
    region       = "eu-central-1"
    use_lockfile = true
  }
}
""",
    "terraform.tfvars.json": """\
{
  "days": 30,
  "name": "acme-dev-logs",
  "rules": [
    {
      "days": 10,
      "prefix": "logs/"
    }
  ],
  "tags": {
    "Team": "payments"
  },
  "versioning": true
}
""",
}


def a_rendering(name: str = "logs", **changes: str) -> RenderedResource:
    """`changes` maps "main_tf" to a file's whole new text."""
    files = FILES | {_file(key): text for key, text in changes.items()}
    return RenderedResource(
        "s3", name, f"terraform/dev/s3/{name}", files, {"environment": "dev"}, "digest"
    )


def with_more(file: str, text: str) -> RenderedResource:
    return a_rendering(**{file: FILES[_file(file)] + text})


def with_other(file: str, old: str, new: str) -> RenderedResource:
    assert old in FILES[_file(file)]
    return a_rendering(**{file: FILES[_file(file)].replace(old, new)})


def _file(key: str) -> str:
    return (
        key.replace("_", ".")
        if key in {"main_tf", "outputs_tf", "variables_tf", "providers_tf", "backend_tf"}
        else key
    )
