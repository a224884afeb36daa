from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_squashed_0016_exam_rooms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="registeredmodel",
            options={
                "default_permissions": ("add", "change", "view"),
                "permissions": [
                    ("register_version", "Can register a version"),
                    ("delete_version", "Can delete a version nothing refers to"),
                    ("delete_model", "Can delete a model nothing refers to"),
                    ("download_artifacts", "Can download artifacts"),
                    ("run_checks", "Can run checks"),
                    ("set_check_parameters", "Can set the parameters of checks for a model"),
                    ("manage_checks", "Can set parameters for every model, and load lists"),
                    ("post_check_results", "Can post results of external checks"),
                    ("attach_attestation", "Can attach signatures and attestations"),
                    ("add_evidence", "Can add evidence"),
                    ("verify_evidence", "Can verify evidence somebody else added"),
                    ("write_documents", "Can write documents"),
                    ("manage_monitoring", "Can set up monitoring and its thresholds"),
                    ("post_measurements", "Can post monitoring measurements"),
                    ("request_promotion", "Can request a promotion"),
                    ("sign_off", "Can sign off in a role held"),
                    ("promote_version", "Can promote once the gate is open"),
                    ("roll_back_version", "Can roll back"),
                    ("retire_version", "Can archive and decommission once the gate is open"),
                    ("request_waiver", "Can ask for a waiver"),
                    ("review_emergencies", "Can review what was done in an emergency"),
                    (
                        "manage_retention",
                        "Can set retention, and dispose of what was kept long enough",
                    ),
                    ("place_legal_hold", "Can place and lift legal holds"),
                    ("write_policies", "Can draft and propose policies"),
                    ("sign_policies", "Can sign policies"),
                    ("answer_assessments", "Can answer risk assessments as a respondent"),
                    ("write_questionnaires", "Can draft and propose questionnaires"),
                    ("sign_questionnaires", "Can sign questionnaires"),
                    ("override_tier", "Can ask for a tier other than the assessed one"),
                    ("raise_finding", "Can raise findings, and answer for those owned"),
                    ("manage_findings", "Can close findings, and say who owns them and until when"),
                    ("accept_risk", "Can accept the risk of a finding until a day"),
                    ("report_incident", "Can report incidents"),
                    ("manage_incidents", "Can follow incidents to their end"),
                    ("attest_model", "Can attest that the record of a model is right"),
                    ("manage_reviews", "Can carry out reviews, and run campaigns"),
                    ("fill_inventory", "Can fill inventory fields of the roles held"),
                    ("manage_fields", "Can add inventory fields and make fields required"),
                    ("manage_access", "Can grant duties of the first line"),
                    ("manage_oversight", "Can grant duties of the second and third line"),
                    ("open_exams", "Can open exam rooms for examiners from outside"),
                    ("deploy_version", "Can put versions into environments, and take them out"),
                    ("ask_admission", "Can ask whether a version may run in an environment"),
                    ("manage_environments", "Can describe environments, and close them"),
                    ("post_sightings", "Can report what is seen running in environments"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="modelversion",
            index=models.Index(
                condition=models.Q(("container_digest", ""), _negated=True),
                fields=["container_digest"],
                name="version_by_container",
            ),
        ),
    ]
