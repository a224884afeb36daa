from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_fill_tracking_columns")]

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
                    ("request_promotion", "Can request a promotion"),
                    ("sign_off", "Can sign off in a role held"),
                    ("promote_version", "Can promote once the gate is open"),
                    ("roll_back_version", "Can roll back"),
                    ("manage_access", "Can grant duties of the first line"),
                    ("manage_oversight", "Can grant duties of the second and third line"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="modelversion",
            name="touched_at",
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name="historicalmodelversion",
            name="touched_at",
            field=models.DateTimeField(),
        ),
        migrations.AddConstraint(
            model_name="runmetric",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_last", True)),
                fields=("run", "key", "dataset", "slice"),
                name="one_last_point_of_a_series",
            ),
        ),
    ]
