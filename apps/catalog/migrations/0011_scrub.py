from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_evidence_permissions")]

    operations = []
